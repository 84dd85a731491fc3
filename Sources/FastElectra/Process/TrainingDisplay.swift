import Terminal
import Training

/// The display of a training run: the progress of each phase, and warnings when they show.
final class TrainingDisplay {
    private let progress: ProgressDisplay
    private let style: ProgressStyle
    private let figures: (MetricsRecord) -> [String]
    private var evaluation: (temperature: Double, progress: ProgressDisplay)?
    /// The first step that was made.
    private(set) var firstStep: Int?

    /// - Parameter figures: the model's own figures, from the last line of the log.
    init(_ label: String, style: ProgressStyle, figures: @escaping (MetricsRecord) -> [String]) {
        progress = ProgressDisplay(label, unit: "tokens", style: style)
        self.style = style
        self.figures = figures
    }

    func show(_ event: TrainingEvent) {
        switch event {
        case .step(let step):
            finishEvaluation()
            firstStep = firstStep ?? step.step
            // In floating point, because a checkpoint may say that there were any number of tokens.
            let tokens = Double(step.tokenCount) / Double(step.step) * Double(step.totalSteps)
            progress.show(step.tokenCount, of: Int(min(tokens, 0x1p62)), details: details(of: step))
        case .evaluating(let done, let total, let temperature):
            if evaluation?.temperature != temperature {
                finishEvaluation()
                progress.interrupt()
                let name = "Evaluating at T = \(Quantity.short(temperature))"
                evaluation = (temperature, ProgressDisplay(name, unit: "sequences", style: style))
            }
            evaluation?.progress.show(done, of: total)
        case .health(let finding):
            warn("step \(finding.step): \(finding.message)")
        case .damagedCheckpoints(let damages, let used):
            for damage in damages {
                warn("\(damage.name) is damaged: \(damage.detail). It is called \(damage.name).damaged now")
            }
            warn("continuing from \(used)")
        case .damagedModel:
            warn(
                "the model of this finished run is damaged or was removed, and there is no checkpoint: training begins again"
            )
        case .extended(let stretched, let before):
            warn(
                "this run was begun with --steps \(before), now it is \(stretched.steps): after step \(stretched.afterStep)"
                    + " the schedules are those of a run of \(stretched.steps)")
        }
    }

    func finish() {
        finishEvaluation()
        progress.finish()
    }

    private func details(of step: TrainingProgress) -> [String] {
        let count = "step \(Quantity.count(step.step)) of \(Quantity.count(step.totalSteps))"
        // Nothing has been logged yet.
        guard !step.record.isEmpty else { return [count] }
        return [count] + figures(step.record) + [
            "learning rate \(Quantity.scientific(step.record[.learningRate] ?? .nan))",
            "waiting for data \(Quantity.fixed(100 * (step.record[.dataWait] ?? 0), 1)) %",
        ] + Self.machine(step.record)
            + (step.record[.communication].map { ["other ranks \(Quantity.fixed(100 * $0, 1)) %"] } ?? [])
    }

    /// How the machine is used, as far as the log tells.
    static func machine(_ record: MetricsRecord) -> [String] {
        [
            record[.utilization].map { "\(Quantity.fixed(100 * $0, 0)) % of the peak rate" },
            record[.peakMemory].map { "\(Quantity.bytes(Int($0))) of memory" },
        ].compactMap(\.self)
    }

    private func finishEvaluation() {
        evaluation?.progress.finish()
        evaluation = nil
    }

    private func warn(_ message: String) {
        progress.interrupt()
        evaluation?.progress.interrupt()
        Warning.show(message)
    }
}
