import Models

/// How parameters start.
public enum StartingPoint: String, Sendable, CaseIterable {
    /// `_init_weights` of Hugging Face.
    case random
    /// The same, with a first layer that looks at neighbouring positions.
    case local
}

extension ParameterArena {
    /// Starts all parameters of a model with this encoder.
    public func initialize(_ encoder: TransformerEncoder, from start: StartingPoint, seed: UInt64) {
        initialize(standardDeviation: encoder.configuration.initializerRange, seed: seed)
        if start == .local { initializeLocally(encoder) }
    }
}
