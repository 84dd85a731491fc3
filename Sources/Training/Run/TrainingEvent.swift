/// What a training run says while it works.
public enum TrainingEvent: Sendable {
    case step(TrainingProgress)
    /// Held-out sequences measured so far of those to measure, at one temperature.
    case evaluating(sequences: Int, of: Int, temperature: Double)
    /// Something is wrong with the training itself. Said once, when it shows.
    case health(HealthFinding)
    /// The newest checkpoints cannot be used; `used` is the one the run goes on from.
    case damagedCheckpoints([CheckpointDamage], used: String)
    case extended(RunState.Extension, before: Int)
}

/// One step of a run.
public struct TrainingProgress: Sendable {
    /// Updates done.
    public let step: Int
    public let totalSteps: Int
    /// Tokens that went through the model, over all sessions of the run.
    public let tokenCount: Int
    /// The last line of the log.
    public let record: MetricsRecord
    /// The sequences of this step.
    public let visits: [SequenceVisit]
}

/// One look at a sequence.
public struct SequenceVisit: Sendable, Hashable {
    /// The sequence's number in the data.
    public var sequence: UInt64
    /// How often the run has been through the data before: the epoch, from 0.
    public var epoch: UInt16

    public init(sequence: UInt64, epoch: UInt16) {
        self.sequence = sequence
        self.epoch = epoch
    }

    /// Epochs are numbered with 16 bits, as random numbers are addressed (`RandomStream`).
    public static let maximumEpochs = 1 << 16
}

/// The sequences of one step.
public struct StepInput<Example: Sendable>: Sendable {
    public var examples: [Example]
    /// [examples] Which sequences these are.
    public var visits: [SequenceVisit]
    /// What should be logged about them.
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
