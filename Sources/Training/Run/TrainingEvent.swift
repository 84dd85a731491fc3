/// An event that a training run reports while it works.
public enum TrainingEvent: Sendable {
    case step(TrainingProgress)
    /// Held-out sequences measured so far of those to measure, at one temperature.
    case evaluating(sequences: Int, of: Int, temperature: Double)
    /// Something is wrong with the training itself. Said once, when it shows.
    case health(HealthFinding)
    /// The newest checkpoints cannot be used; `used` is the one the run goes on from.
    case damagedCheckpoints([CheckpointDamage], used: String)
    /// The run was finished, its model is damaged or gone, and there is no checkpoint: it begins again.
    case damagedModel
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
