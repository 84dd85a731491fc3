/// Whether there is enough to train on for the steps asked: known before the first one.
public struct DataHealth: Sendable {
    public static let causes: Set<HealthCause> = [
        .fewSequences, .shortSequences, .unknownTokens, .invalidText, .heldOutTrainedOn,
    ]

    /// The part of the data that is told of, where it has parts: the one that is seen most often.
    public var part = ""
    public var sequences: UInt64
    public var tokens: UInt64
    /// Tokens a sequence may have.
    public var maximumLength: Int
    /// Sequences that the run will look at, repetitions included.
    public var visits: UInt64
    /// How often a sequence can be seen before it is no longer worth much.
    ///
    /// BERT (Devlin et al. 2019) saw its corpus 40 times, in 10 maskings: each masked sequence 4 times.
    public var usefulEpochs: Double
    /// The treatment of a sequence that is seen again, in a sentence for people.
    public var repetition: String
    /// Whether the held-out data is the data that is trained on.
    public var measuresTrainingData = false
    /// The shares of the text's tokens that are unknown ones, and of its bytes that are not UTF-8, where the text is known.
    public var unknownShare = 0.0
    public var invalidShare = 0.0

    /// The share of unknown tokens that is too much. `bert-base-uncased` has less than a hundredth of it on English prose.
    public static let unknownLimit = 0.02
    /// The share of bytes that are not UTF-8 that is too much. A text in Latin-1 has more in every language but English.
    public static let invalidLimit = 0.001

    public init(
        sequences: UInt64, tokens: UInt64, maximumLength: Int, visits: UInt64, usefulEpochs: Double, repetition: String
    ) {
        self.sequences = sequences
        self.tokens = tokens
        self.maximumLength = maximumLength
        self.visits = visits
        self.usefulEpochs = usefulEpochs
        self.repetition = repetition
    }

    /// How often the run goes through the data.
    public var epochs: Double { Double(visits) / Double(max(sequences, 1)) }

    public var findings: [HealthCause: String] {
        guard sequences > 0 else { return [:] }
        var findings: [HealthCause: String] = [:]
        if epochs > usefulEpochs {
            findings[.fewSequences] =
                (part.isEmpty ? "" : "of \(part), ")
                + "\(visits) sequences will be seen, but there are only \(sequences): each \(epochs.text(digits: 1)) times."
                + " \(repetition) More text or fewer steps would serve as well"
        }
        // Packed text fills its sequences; the last of a small corpus and a corpus of single lines do not.
        let meanLength = Double(tokens) / Double(sequences)
        if meanLength < Double(maximumLength) / 2 {
            findings[.shortSequences] =
                "sequences have \(meanLength.text(digits: 1)) tokens on average, and may have \(maximumLength):"
                + " the model will hardly see long ones. Join lines of one document (a blank line ends a document), or"
                + " choose a smaller maximum length"
        }
        if measuresTrainingData {
            findings[.heldOutTrainedOn] =
                "the held-out data is the data that the run trains on: its figures do not tell how the model does on new"
                + " text. Keep some documents back, and generate shards of them"
        }
        if unknownShare > Self.unknownLimit {
            findings[.unknownTokens] =
                "\((100 * unknownShare).text(digits: 1)) % of the tokens are unknown ones: the vocabulary cannot spell"
                + " parts of the text, and the model learns nothing of them. Check the text's encoding and language, or make a"
                + " vocabulary from this text"
        }
        if invalidShare > Self.invalidLimit {
            findings[.invalidText] =
                "\((100 * invalidShare).text(digits: 1)) % of the bytes are not UTF-8, and read as U+FFFD: the text may be"
                + " in another encoding. Convert it with iconv"
        }
        return findings
    }
}

extension Double {
    /// For messages.
    package func text(digits: Int) -> String {
        let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
        let rounded = (self * scale).rounded() / scale
        return digits == 0 && Int(exactly: rounded) != nil ? "\(Int(rounded))" : "\(rounded)"
    }
}
