/// Ids of the tokens that have a role of their own.
public struct SpecialTokens: Codable, Sendable, Hashable, CustomStringConvertible {
    public var padding: Int32
    public var classification: Int32
    public var separator: Int32
    public var mask: Int32

    public init(padding: Int32, classification: Int32, separator: Int32, mask: Int32) {
        self.padding = padding
        self.classification = classification
        self.separator = separator
        self.mask = mask
    }

    public var ids: [Int32] { [padding, classification, separator, mask] }

    public var description: String {
        "padding \(padding), classification \(classification), separator \(separator), mask \(mask)"
    }
}

/// The description of a shard before its first block: the JSON of `docs/format.md`.
///
/// All but ``pass`` and ``firstSequence`` must agree between the shards of a data set.
public struct ShardHeader: Codable, Sendable, Hashable {
    /// The version of the format that this code writes and reads: 1.0, two numbers of 16 bits.
    public static let version: UInt32 = 0x1_0000

    /// V: token ids are below it.
    public var vocabularySize: Int
    /// SHA-256 of the vocabulary file, 64 lower-case hexadecimal digits.
    public var vocabularySHA256: String
    /// SHA-256 of the generator's weights file, 64 lower-case hexadecimal digits.
    public var generatorSHA256: String
    public var specialTokens: SpecialTokens
    /// Tokens that no draw gives, as ranges that ascend: the generator's logits there count as minus infinity.
    public var neverDrawn: [TokenRange]
    /// Names of where sequences come from: languages, corpora.
    public var sources: [String]
    /// Tokens in the longest sequence allowed, special tokens included.
    public var maximumLength: Int
    /// The share of tokens masked.
    public var maskProbability: Double
    /// The seed of masks and races.
    public var seed: UInt64
    /// Every masked position has at least so many candidates; V means that all tokens are, and none has a tail.
    public var leastCandidates: Int
    /// And at most so many.
    public var mostCandidates: Int
    /// P: visits that are independent draws; 0 where every token is a candidate.
    public var visitCount: Int
    public var temperatureRange: TemperatureRange
    /// Temperatures at which the tail's log-mass is stored, ascending; none where every token is a candidate.
    public var tailNodes: [Double]
    /// Parts of the temperature scale in which races tell their changes.
    public var changeParts: Int
    /// An upper bound of the total variation between a draw and softmax(z/T), for any logits.
    public var deviation: Double
    /// Sequences in each block but a shard's last.
    public var blockSize: Int
    /// Which masking of the corpus this shard belongs to, from 0.
    public var pass: Int
    /// The number of the shard's first sequence within its pass.
    public var firstSequence: UInt64

    public init(
        vocabularySize: Int, vocabularySHA256: String, generatorSHA256: String, specialTokens: SpecialTokens,
        neverDrawn: [TokenRange] = [], sources: [String] = [""], maximumLength: Int, maskProbability: Double,
        seed: UInt64, candidates: ClosedRange<Int>, visitCount: Int, temperatureRange: TemperatureRange,
        tailNodes: [Double], changeParts: Int, deviation: Double, blockSize: Int = 256, pass: Int = 0,
        firstSequence: UInt64 = 0
    ) {
        self.vocabularySize = vocabularySize
        self.vocabularySHA256 = vocabularySHA256
        self.generatorSHA256 = generatorSHA256
        self.specialTokens = specialTokens
        self.neverDrawn = neverDrawn
        self.sources = sources
        self.maximumLength = maximumLength
        self.maskProbability = maskProbability
        self.seed = seed
        leastCandidates = candidates.lowerBound
        mostCandidates = candidates.upperBound
        self.visitCount = visitCount
        self.temperatureRange = temperatureRange
        self.tailNodes = tailNodes
        self.changeParts = changeParts
        self.deviation = deviation
        self.blockSize = blockSize
        self.pass = pass
        self.firstSequence = firstSequence
    }

    /// Whether every token is a candidate at every position.
    public var isDense: Bool { leastCandidates == vocabularySize }

    /// Tokens that a draw can give.
    public var drawableCount: Int { neverDrawn.reduce(vocabularySize) { $0 - Int($1.last - $1.first) - 1 } }

    /// - Precondition: The header is valid.
    public var blockShape: BlockShape {
        BlockShape(
            vocabularySize: vocabularySize, maximumLength: maximumLength, sourceCount: sources.count,
            candidateCounts: leastCandidates...mostCandidates, visitCount: visitCount,
            nodePlaces: tailNodes.map(temperatureRange.place(of:)), changeParts: changeParts)
    }
}
