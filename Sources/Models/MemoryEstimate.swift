/// The memory that a piece of work takes by its large parts, known before it starts.
public protocol MemoryEstimate: Sendable {
    var byteCount: Int { get }
}

/// How a piece of work fits a machine.
public enum MemoryFit: Sendable, Hashable {
    case comfortable
    /// More than a quarter of the memory: the person should know before the work starts.
    case large
    case impossible
}

extension MemoryEstimate {
    /// - Parameter machineBytes: the memory of the machine.
    public func fit(into machineBytes: UInt64) -> MemoryFit {
        if UInt64(byteCount) > machineBytes { return .impossible }
        return UInt64(byteCount) > machineBytes / 4 ? .large : .comfortable
    }
}
