import Encoder
import Storage
import SystemPackage

/// What a training run reports while it works.
public struct TrainingProgress: Sendable {
    public let step: Int
    public let totalSteps: Int
    public let tokenCount: Int
    public let record: [String: Double]
}

/// The sequences of one step, and what should be logged about them.
public struct StepInput<Example: Sendable>: Sendable {
    public var examples: [Example]
    public var record: [String: Double]

    public init(examples: [Example], record: [String: Double] = [:]) {
        self.examples = examples
        self.record = record
    }
}

/// A training run in a folder: steps, log, checkpoints, and the way back in after an interruption.
public struct TrainingRun<Task: Objective>: Sendable {
    public struct Pace: Sendable {
        public var schedule: LearningRateSchedule
        /// Steps between two lines of the log.
        public var logInterval = 10
        /// Steps between two checkpoints.
        public var checkpointInterval = 1000

        public init(_ schedule: LearningRateSchedule) {
            self.schedule = schedule
        }
    }

    public let steps: DataParallelStep<Task>
    public let store: CheckpointStore
    public let pace: Pace

    public init(_ steps: DataParallelStep<Task>, store: CheckpointStore, pace: Pace) {
        self.steps = steps
        self.store = store
        self.pace = pace
    }

    /// Trains until the last step or an interruption; either way the last thing done is a checkpoint.
    ///
    /// - Parameters:
    ///   - input: the sequences of a step, a function of the step alone.
    ///   - isInterrupted: polled between steps.
    public func train(
        on input: (_ step: Int) throws -> StepInput<Task.Example>, progress: (TrainingProgress) -> Void,
        isInterrupted: () -> Bool
    ) throws -> RunState {
        var state = try store.restore(steps.parameters, steps.optimizer) ?? RunState()
        let total = pace.schedule.totalSteps
        if state.step >= total { return state }
        let log = try MetricsLog(in: store.folder, continuingAfter: state.step)
        defer { log.close() }
        let clock = ContinuousClock()
        var interval = Interval<Task.Statistics>()
        var savedStep = state.step
        while state.step < total, !isInterrupted() {
            let start = clock.now
            let stepInput = try input(state.step)
            let rate = pace.schedule.rate(at: state.step)
            let outcome = steps.update(on: stepInput.examples, step: state.step, learningRate: rate)
            guard outcome.statistics.meanLoss.isFinite, outcome.gradientNorm.isFinite else {
                let what = outcome.statistics.meanLoss.isFinite ? "gradient" : "loss"
                throw TrainingError(.notFinite(what, step: state.step), store.folder)
            }
            let seconds = (clock.now - start) / .seconds(1)
            state.step += 1
            state.tokenCount += outcome.statistics.tokenCount
            state.seconds += seconds
            interval.add(outcome.statistics, seconds: seconds)
            if state.step % pace.logInterval == 0 || state.step == total {
                state.lastRecord = interval.record.merging(stepInput.record) { $1 }.merging(
                    [
                        "step": Double(state.step), "learning_rate": Double(rate),
                        "gradient_norm": outcome.gradientNorm,
                    ]) { $1 }
                try log.append(state.lastRecord)
                interval = Interval()
            }
            progress(
                TrainingProgress(
                    step: state.step, totalSteps: total, tokenCount: state.tokenCount, record: state.lastRecord))
            if state.step % pace.checkpointInterval == 0 {
                try store.save(steps.parameters, steps.optimizer, state)
                savedStep = state.step
            }
        }
        if savedStep != state.step { try store.save(steps.parameters, steps.optimizer, state) }
        return state
    }

    /// What happened since the last line of the log.
    private struct Interval<Statistics: StepStatistics> {
        var statistics = Statistics()
        var seconds = 0.0

        mutating func add(_ other: Statistics, seconds: Double) {
            statistics.add(other)
            self.seconds += seconds
        }

        var record: [String: Double] {
            var record = statistics.record
            record["tokens_per_second"] = seconds > 0 ? Double(statistics.tokenCount) / seconds : 0
            return record
        }
    }
}
