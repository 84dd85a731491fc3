import Kernels
import Models
import Ranks
import Storage
import SystemPackage

/// A training run in a folder: steps, log, checkpoints, and the way back in after an interruption.
///
/// Of several ranks, the first one alone touches the folder. All make the same decisions at the same steps, on the same figures.
public struct TrainingRun<Task: Objective, Monitor: HealthMonitor<Task.Statistics>>: Sendable {
    /// Measures on held-out data while training goes on.
    public struct Evaluation {
        /// Steps between two evaluations. The last step is followed by one besides.
        public let interval: Int
        /// - Returns: `nil` if interrupted.
        public let measure: () throws -> Task.Statistics?

        public init(interval: Int, measure: @escaping () throws -> Task.Statistics?) {
            self.interval = interval
            self.measure = measure
        }
    }

    public let steps: DataParallelStep<Task>
    public let store: CheckpointStore
    public let settings: TrainingSettings
    /// As it is at the start of the run.
    public let monitor: Monitor
    public let dataHealth: DataHealth

    public init(
        _ steps: DataParallelStep<Task>, store: CheckpointStore, settings: TrainingSettings, monitor: Monitor,
        dataHealth: DataHealth
    ) {
        self.steps = steps
        self.store = store
        self.settings = settings
        self.monitor = monitor
        self.dataHealth = dataHealth
    }

    /// Trains until the last step or an interruption; either way the last thing done is a checkpoint. A run that is stopped
    /// before it made a step leaves the checkpoint that it continues, the log and the summary as they are, also if it was to
    /// get more steps.
    ///
    /// - Parameters:
    ///   - checkpoint: where to go on, `nil` to begin.
    ///   - input: the sequences of a step, a function of the step alone.
    ///   - isInterrupted: polled between steps.
    public func train(
        from checkpoint: Checkpoint?, on input: (_ step: Int) throws -> StepInput<Task.Example>,
        evaluation: Evaluation? = nil, report: (TrainingEvent) -> Void, isInterrupted: () -> Bool
    ) throws -> RunState {
        let ranks = steps.ranks
        let saved = try ranks.together { try checkpoint?.trainerState(as: State.self) }
        var state = try ranks.sharing(
            saved ?? State(run: RunState(totalSteps: settings.steps), monitor: monitor))
        try ranks.together { try checkpoint?.restore(steps.parameters, steps.optimizer) }
        for arena in [steps.parameters, steps.optimizer.firstMoment, steps.optimizer.secondMoment] {
            try ranks.broadcast(arena.values)
        }
        try stretch(&state.run, report: report)
        var journal: RunJournal?
        defer { journal?.close() }
        let writer = ranks.isFirst ? try CheckpointWriter(store, layout: steps.parameters.layout) : nil
        // Nobody may touch the folder after us while a checkpoint is being written.
        defer { try? writer?.finish() }
        // The newest checkpoint. More steps make another one of the same step.
        var savedStep = try ranks.sharing(saved?.run.step)
        var hasBegun = false
        /// Before the first change of the folder: all ranks come here at the same point.
        func begin() throws {
            if hasBegun { return }
            hasBegun = true
            try ranks.together {
                guard ranks.isFirst else { return }
                // It tells of the model before.
                try SummaryFile.remove(from: store.folder)
                // Cuts off the lines that a killed process wrote after the checkpoint.
                journal = try RunJournal(
                    in: store.folder, continuingAt: saved.map { .init(step: $0.run.step, byteCount: $0.logByteCount) })
            }
            try note(dataHealth.findings, among: DataHealth.causes, in: &state.run, journal, report)
        }
        func save() throws {
            if let journal, let writer {
                state.logByteCount = try journal.byteCount()
                try writer.write(
                    steps.parameters, steps.optimizer, state: state.encoded(), step: state.run.step,
                    best: state.run.best?.step
                ) { try journal.synchronize() }
            }
            savedStep = state.run.step
        }
        /// The training so far is good, even if an error keeps us from reading more. So it is saved, and no step is lost.
        func reading<Input>(_ body: () throws -> Input) throws -> Input {
            do { return try body() } catch {
                if state.run.step > 0, savedStep != state.run.step { try? save() }
                throw error
            }
        }
        var peakRate: Double?
        while true {
            try writer?.check()
            let step = state.run.step
            if let evaluation, duties(after: state.run, saved: savedStep, evaluation).contains(.evaluate) {
                // If interrupted, it is made when the run continues.
                guard let statistics = try reading({ try evaluation.measure() }) else { break }
                try begin()
                try take(statistics, into: &state.run, journal)
                // A checkpoint of this step from before the evaluation does not know it.
                if savedStep == step { savedStep = nil }
            }
            // Once more, because the measurement may have made this step the best.
            let due = duties(after: state.run, saved: savedStep, evaluation)
            if !due.isDisjoint(with: [.save, .end]) { try begin() }
            if due.contains(.save) { try save() }
            if due.contains(.end) { break }
            if try reading({ try ranks.anyone(isInterrupted()) }) { break }
            var start = ContinuousClock.now
            let stepInput = try reading { try ranks.together { try input(step) } }
            let waited = ContinuousClock.now - start
            try begin()
            let operations = steps.objective.trainingOperations(on: stepInput.examples)
            if peakRate == nil, operations * Double(settings.steps - step) > Self.measuredOperations {
                peakRate = Double(ranks.count) * ProductRate.measure(threads: settings.threads)
                start = ContinuousClock.now - waited
            }
            // Where another rank is missing, the step is not made.
            let outcome = try reading { try makeStep(step, on: stepInput) }
            try take(
                outcome, of: stepInput, operations: operations, into: &state,
                took: ContinuousClock.now - start, waited: waited, peakRate: peakRate, journal, report)
        }
        if hasBegun, savedStep != state.run.step { try save() }
        try writer?.finish()
        return state.run
    }

    /// Floating-point operations of some seconds: for less work, nobody asks how well the machine is used.
    private static var measuredOperations: Double { 1e12 }

    private typealias State = TrainerState<Task.Statistics, Monitor>

    /// The outcome of a step, and the time that other ranks took.
    private struct Made {
        let outcome: DataParallelStep<Task>.Outcome
        let rate: Float
        let communicationSeconds: Double?
    }

    private func makeStep(_ step: Int, on stepInput: StepInput<Task.Example>) throws -> Made {
        let rate = settings.schedule.rate(at: step)
        let before = steps.ranks.secondsSpent
        let outcome = try steps.update(on: stepInput.examples, step: step, learningRate: rate)
        return Made(
            outcome: outcome, rate: rate,
            communicationSeconds: steps.ranks.count > 1 ? steps.ranks.secondsSpent - before : nil)
    }

    /// Takes in the outcome of a step.
    private func take(
        _ made: Made, of stepInput: StepInput<Task.Example>, operations: Double, into state: inout State,
        took: Duration, waited: Duration, peakRate: Double?, _ journal: RunJournal?, _ report: (TrainingEvent) -> Void
    ) throws {
        let (outcome, rate, step) = (made.outcome, made.rate, state.run.step)
        guard outcome.statistics.meanLoss.isFinite, outcome.gradientNorm.isFinite else {
            let what = outcome.statistics.meanLoss.isFinite ? "gradient" : "loss"
            let error = TrainingError(
                .notFinite(what, step: step + 1, sequences: stepInput.visits.map(\.sequence)), store.folder)
            try journal?.append(HealthFinding(cause: .notFinite, step: step + 1, message: error.problem))
            throw error
        }
        let seconds = took / .seconds(1)
        state.run.step += 1
        state.run.tokenCount += outcome.statistics.tokenCount
        state.run.seconds += seconds
        state.run.tokensBySource.merge(stepInput.tokensBySource, uniquingKeysWith: +)
        let scores = state.outliers.scores(
            loss: outcome.statistics.meanLoss, gradientNorm: outcome.gradientNorm)
        state.interval.add(
            outcome.statistics, operations: operations, scores: scores, tokensBySource: stepInput.tokensBySource,
            seconds: seconds,
            waitSeconds: waited / .seconds(1), communicationSeconds: made.communicationSeconds)
        if duties(after: state.run, saved: nil).contains(.log) {
            state.run.lastRecord = state.interval.record(besides: peakRate).merging(stepInput.record).merging([
                .step: Double(state.run.step), .learningRate: Double(rate), .gradientNorm: outcome.gradientNorm,
                .tokens: Double(state.run.tokenCount), .seconds: state.run.seconds,
            ])
            try journal?.append(state.run.lastRecord, step: state.run.step, group: "train")
            state.interval = MetricsInterval()
        }
        report(
            .step(
                TrainingProgress(
                    step: state.run.step, totalSteps: settings.steps, tokenCount: state.run.tokenCount,
                    record: state.run.lastRecord, visits: stepInput.visits)))
        if scores != nil {
            try note(state.outliers.findings, among: StepOutliers.causes, in: &state.run, journal, report)
        }
        if let findings = state.monitor.findings(
            after: outcome.statistics, on: stepInput.record, step: state.run.step, of: settings.steps)
        {
            try note(findings, among: Monitor.causes, in: &state.run, journal, report)
        }
    }

    /// Accepts more steps than the run was begun with. From here on its schedules are those of the new number.
    private func stretch(_ state: inout RunState, report: (TrainingEvent) -> Void) throws {
        let before = state.totalSteps
        if settings.steps < before {
            throw TrainingError(.fewerSteps(before: before, now: settings.steps), store.folder)
        }
        if settings.steps == before { return }
        let stretched = RunState.Extension(afterStep: state.step, steps: settings.steps)
        state.totalSteps = settings.steps
        state.extensions.append(stretched)
        report(.extended(stretched, before: before))
    }

    private func note(
        _ findings: [HealthCause: String], among causes: Set<HealthCause>, in state: inout RunState,
        _ journal: RunJournal?, _ report: (TrainingEvent) -> Void
    ) throws {
        for finding in state.health.update(findings, among: causes, step: state.step) {
            try journal?.append(finding)
            report(.health(finding))
        }
    }

    private func duties(after state: RunState, saved: Int?, _ evaluation: Evaluation? = nil) -> StepDuties {
        RunCalendar(
            steps: settings.steps, logInterval: settings.logInterval,
            checkpointInterval: settings.checkpointInterval, evaluationInterval: evaluation?.interval
        ).duties(after: state.step, evaluated: state.evaluatedStep, best: state.best?.step, saved: saved)
    }

    /// Takes in the measurements on held-out data.
    private func take(_ statistics: Task.Statistics, into state: inout RunState, _ journal: RunJournal?) throws {
        guard statistics.meanLoss.isFinite else {
            let error = TrainingError(.evaluationNotFinite(step: state.step), store.folder)
            try journal?.append(HealthFinding(cause: .notFinite, step: state.step, message: error.problem))
            throw error
        }
        state.evaluatedStep = state.step
        if statistics.meanLoss < state.best?.loss ?? .infinity {
            state.best = RunState.Best(step: state.step, loss: statistics.meanLoss)
        }
        try journal?.append(statistics.record, step: state.step, group: "eval")
    }
}
