import Optimization
import Terminal

/// What people see of a training run: a bar a phase, and warnings when they show.
final class TrainingDisplay {
    private let bar: ProgressBar
    private let detail: ([String: Double]) -> String
    private var evaluation: (temperature: Double, bar: ProgressBar)?
    /// The first step that was made.
    private(set) var firstStep: Int?

    /// - Parameter detail: what to show of the last line of the log.
    init(_ label: String, detail: @escaping ([String: Double]) -> String) {
        bar = ProgressBar(label, unit: "tokens")
        self.detail = detail
    }

    func show(_ event: TrainingEvent) {
        switch event {
        case .step(let progress):
            finishEvaluation()
            firstStep = firstStep ?? progress.step
            bar.show(
                progress.tokenCount, of: progress.tokenCount / progress.step * progress.totalSteps,
                detail: "step \(progress.step), \(detail(progress.record))")
        case .evaluating(let done, let total, let temperature):
            if evaluation?.temperature != temperature {
                finishEvaluation()
                bar.interrupt()
                let name = "Evaluating at T = \(Quantity.short(temperature))"
                evaluation = (temperature, ProgressBar(name, unit: "sequences"))
            }
            evaluation?.bar.show(done, of: total)
        case .health(let finding):
            warn("step \(finding.step): \(finding.message)")
        case .damagedCheckpoints(let damages, let used):
            for damage in damages {
                warn("\(damage.name) is damaged: \(damage.detail). It is called \(damage.name).damaged now")
            }
            warn("continuing from \(used)")
        case .extended(let stretched, let before):
            warn(
                "this run was begun with --steps \(before), now it is \(stretched.steps): after step \(stretched.afterStep)"
                    + " the learning rate and the temperature are those of a run of \(stretched.steps)")
        }
    }

    func finish() {
        finishEvaluation()
        bar.finish()
    }

    private func finishEvaluation() {
        evaluation?.bar.finish()
        evaluation = nil
    }

    private func warn(_ message: String) {
        bar.interrupt()
        evaluation?.bar.interrupt()
        TerminalDevice.standardError.write("fast-electra: warning: \(message).\n")
    }
}
