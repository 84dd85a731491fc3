/// Watches the measurements of steps for signs that training goes wrong. Its state is saved with checkpoints.
public protocol HealthMonitor<Statistics>: Codable, Sendable {
    associatedtype Statistics: StepStatistics

    /// The causes it looks for.
    static var causes: Set<HealthCause> { get }

    /// Takes in one step.
    ///
    /// - Parameters:
    ///   - input: the figures that are logged about the step's sequences.
    ///   - step: updates done, this one included.
    /// - Returns: the problems, in words; `nil` while there is too little to judge by.
    mutating func findings(
        after statistics: Statistics, on input: MetricsRecord, step: Int, of total: Int
    ) -> [HealthCause: String]?
}

/// Looks for nothing.
public struct Unmonitored<Statistics: StepStatistics>: HealthMonitor {
    public static var causes: Set<HealthCause> { [] }

    public init() {}

    public mutating func findings(
        after statistics: Statistics, on input: MetricsRecord, step: Int, of total: Int
    ) -> [HealthCause: String]? { nil }
}
