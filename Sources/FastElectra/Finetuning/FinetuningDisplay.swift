import Finetuning
import Terminal

/// The display while classifiers are trained: one progress over all runs.
final class FinetuningDisplay {
    private let progress: ProgressDisplay

    init(style: ProgressStyle) {
        progress = ProgressDisplay("Training classifiers", unit: "updates", style: style)
    }

    func show(_ work: Finetuner.Progress) {
        progress.show(
            work.step, of: work.steps,
            details: ["run \(work.run) of \(work.runs)", work.start.words, "rate \(work.learningRate)"])
    }

    func finish() {
        progress.finish()
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
