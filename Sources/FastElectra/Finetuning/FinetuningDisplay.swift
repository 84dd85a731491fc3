import Finetuning
import Terminal

/// What people see while classifiers are trained: the progress of all runs together.
final class FinetuningDisplay {
    private let display: ProgressDisplay

    init(style: ProgressStyle) {
        display = ProgressDisplay("Training classifiers", unit: "updates", style: style)
    }

    func show(_ progress: Finetuner.Progress) {
        display.show(
            (progress.run - 1) * progress.steps + progress.step, of: progress.runs * progress.steps,
            details: [
                "run \(progress.run) of \(progress.runs)", progress.start.words, "rate \(progress.learningRate)",
            ])
    }

    func finish() {
        display.finish()
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
