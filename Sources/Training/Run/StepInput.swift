/// The sequences of one step.
public struct StepInput<Example: Sendable>: Sendable {
    public var examples: [Example]
    /// [examples] Which sequences these are.
    public var visits: [SequenceVisit]
    /// The figures about them for the log.
    public var record: MetricsRecord
    /// Their tokens by where they come from, where that is more than one source. The log has sums of them.
    public var tokensBySource: [String: Int] = [:]

    public init(examples: [Example], visits: [SequenceVisit], record: MetricsRecord = [:]) {
        precondition(examples.count == visits.count)
        self.examples = examples
        self.visits = visits
        self.record = record
    }
}
