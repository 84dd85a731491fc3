import Models

/// The memory that a training run takes, in bytes, by its large parts: parameters, optimizer, gradients and activations.
public struct TrainingMemory: MemoryEstimate, Hashable {
    /// Sequences of more tokens than the usual micro-batch make it as long as themselves.
    public static let microBatchTokens = 512

    public let byteCount: Int

    /// - Parameter longestSequence: tokens.
    public init(
        _ layout: ParameterLayout, _ configuration: EncoderConfiguration, threads: Int, longestSequence: Int
    ) {
        // Parameters and two moments, as much again in the checkpoint that is being written, and a gradient a thread.
        let arenas = (6 + threads) * layout.count * MemoryLayout<Float>.stride
        let activations = EncoderWorkspace.byteCount(
            configuration, tokenCapacity: max(Self.microBatchTokens, longestSequence),
            longestSequence: longestSequence, use: .training)
        byteCount = arenas + threads * activations
    }
}
