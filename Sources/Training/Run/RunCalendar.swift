/// The duties of a run after an update, before it makes the next one.
package struct StepDuties: OptionSet, Sendable, Hashable {
    package let rawValue: Int

    package init(rawValue: Int) {
        self.rawValue = rawValue
    }

    /// To write a line of the log.
    package static let log = StepDuties(rawValue: 1)
    /// To measure on held-out data.
    package static let evaluate = StepDuties(rawValue: 2)
    /// To write a checkpoint.
    package static let save = StepDuties(rawValue: 4)
    /// There is no next update.
    package static let end = StepDuties(rawValue: 8)
}

/// The times of a run's duties.
package struct RunCalendar: Sendable {
    /// Updates in all.
    private let steps: Int
    private let logInterval: Int
    private let checkpointInterval: Int
    private let evaluationInterval: Int?

    /// - Parameter evaluationInterval: `nil` where nothing is measured on held-out data.
    package init(steps: Int, logInterval: Int, checkpointInterval: Int, evaluationInterval: Int?) {
        self.steps = steps
        self.logInterval = logInterval
        self.checkpointInterval = checkpointInterval
        self.evaluationInterval = evaluationInterval
    }

    /// - Parameters:
    ///   - step: updates done.
    ///   - evaluated: the step of the last evaluation, 0 where there was none.
    ///   - best: the step that did best on held-out data; its checkpoint is written whenever it comes.
    ///   - saved: the step of the newest checkpoint.
    package func duties(after step: Int, evaluated: Int, best: Int?, saved: Int?) -> StepDuties {
        var duties: StepDuties = []
        func isDue(every interval: Int) -> Bool { step > 0 && step.isMultiple(of: interval) }
        let isLast = step == steps
        if isDue(every: logInterval) || isLast { duties.insert(.log) }
        if let evaluationInterval, step > evaluated, isDue(every: evaluationInterval) || isLast {
            duties.insert(.evaluate)
        }
        if saved != step, isDue(every: checkpointInterval) || best == step { duties.insert(.save) }
        if step >= steps { duties.insert(.end) }
        return duties
    }
}
