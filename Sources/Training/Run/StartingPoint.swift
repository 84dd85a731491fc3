import Models

/// How parameters start.
public enum StartingPoint: String, Sendable, CaseIterable {
    /// `_init_weights` of Hugging Face.
    case random
    /// The same, with a first layer that looks at neighboring positions.
    case local
    /// The same, and word embeddings from which tokens occur near each other in the text.
    case corpus
}

extension ParameterArena {
    /// Starts all parameters of a model with this encoder, without a text.
    public func initialize(_ encoder: TransformerEncoder, from start: StartingPoint, seed: UInt64) {
        initialize(encoder, from: start, seed: seed, special: [], text: [ArraySlice<Int32>]())
    }

    /// Starts all parameters of a model with this encoder.
    ///
    /// - Parameters:
    ///   - sequences: the text that the model is going to learn. Only ``StartingPoint/corpus`` asks for it.
    ///   - special: tokens that stand for no text.
    public func initialize(
        _ encoder: TransformerEncoder, from start: StartingPoint, seed: UInt64, special: Set<Int32>,
        text sequences: some RandomAccessCollection<ArraySlice<Int32>>
    ) {
        initialize(standardDeviation: encoder.configuration.initializerRange, seed: seed)
        if start == .random { return }
        initializeLocally(encoder)
        if start == .corpus { initializeWords(of: encoder, from: sequences, special: special, seed: seed) }
    }
}
