import Models

/// The memory that a training run takes, in bytes, by its large parts: parameters, optimizer, gradients, activations and logits.
public struct TrainingMemory: MemoryEstimate, Hashable {
    /// Sequences of more tokens than the usual micro-batch make it as long as themselves.
    public static let microBatchTokens = 512

    public let byteCount: Int

    /// - Parameters:
    ///   - lanes: a power of two.
    ///   - longestSequence: tokens.
    ///   - headByteCount: bytes of the buffers of heads that predict tokens, in one thread.
    public init(
        _ layout: ParameterLayout, _ configuration: EncoderConfiguration, threads: Int, lanes: Int,
        longestSequence: Int, headByteCount: Int = 0
    ) {
        let threads = min(threads, lanes)
        // Parameters and two moments, as much again in the checkpoint that is being written, and the gradients.
        let arenas =
            (6 + LaneTree.arenaCount(lanes: lanes, threads: threads)) * layout.count * MemoryLayout<Float>.stride
        let activations = EncoderWorkspace.byteCount(
            configuration, tokenCapacity: max(Self.microBatchTokens, longestSequence),
            longestSequence: longestSequence, use: .training)
        byteCount = arenas + threads * (activations + headByteCount)
    }
}
