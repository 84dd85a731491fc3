import Finetuning
import Terminal

/// What people see while classifiers are trained: one bar over all runs.
final class FinetuningDisplay {
    private let bar = ProgressBar("Training classifiers", unit: "updates")

    func show(_ progress: Finetuner.Progress) {
        bar.show(
            (progress.run - 1) * progress.steps + progress.step, of: progress.runs * progress.steps,
            detail: "run \(progress.run) of \(progress.runs), \(progress.start.words), rate \(progress.learningRate)")
    }

    func finish() {
        bar.finish()
    }
}

extension ClassifierStart {
    /// As people read it.
    var words: String {
        switch self {
        case .encoder: "from the encoder"
        case .scratch: "from scratch"
        }
    }
}
