import Models

/// The memory that a training run takes, in bytes, by its large parts: parameters, optimizer, gradients and activations.
public struct TrainingMemory: Sendable, Hashable {
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

    /// How the run fits a machine.
    public enum Fit: Sendable, Hashable {
        case comfortable
        /// More than a quarter of the memory: the person should know before the run starts.
        case large
        case impossible
    }

    /// - Parameter machineBytes: the memory of the machine.
    public func fit(into machineBytes: UInt64) -> Fit {
        if UInt64(byteCount) > machineBytes { return .impossible }
        return UInt64(byteCount) > machineBytes / 4 ? .large : .comfortable
    }
}
