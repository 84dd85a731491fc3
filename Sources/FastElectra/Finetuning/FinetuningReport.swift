import Finetuning
import Models
import SystemPackage
import Terminal

/// The result of `finetune`.
struct FinetuningReport: CommandResult {
    let didWork: Bool
    let architecture: String
    let parameters: Int
    let labels: [String]
    let trainExamples: Int
    let testExamples: Int
    /// Texts that lost tokens at their ends.
    let cutTexts: Int
    let maxLength: Int
    let epochs: Int
    let metric: ClassificationMetric
    let starts: [FinetuningResult.Start]
    let difference: FinetuningResult.Measures?
    /// The Hugging Face folder.
    let output: String

    init(
        _ result: FinetuningResult, of finetuner: Finetuner, metric: ClassificationMetric, maxLength: Int,
        output: FilePath
    ) {
        didWork = result.didWork
        architecture = finetuner.configuration.architecture?.rawValue ?? ""
        parameters = finetuner.classifier.layout.parameterCount
        labels = finetuner.data.labels
        trainExamples = finetuner.data.train.count
        testExamples = finetuner.data.test.count
        cutTexts = finetuner.data.cutCount
        self.maxLength = maxLength
        epochs = finetuner.settings.epochs(for: finetuner.data.train.count)
        self.metric = metric
        starts = result.starts
        difference = result.difference
        self.output = output.string
    }

    var heading: String {
        var summary = Table([
            "model": "\(output), \(architecture), \(Quantity.count(parameters)) parameters",
            "examples":
                "\(Quantity.count(trainExamples)) to train on, \(epochs) times each; \(Quantity.count(testExamples)) to test"
                + "; \(labels.count) labels",
            "speed": "\(Quantity.short(starts[0].tokensPerSecond)) tokens/s",
        ])
        if cutTexts > 0 {
            summary.append("cut", "\(Quantity.count(cutTexts)) examples to \(maxLength) tokens")
        }
        for start in starts where !start.divergedSeeds.isEmpty {
            let seeds = start.divergedSeeds.map { "\($0)" }.joined(separator: ", ")
            summary.append("diverged", "\(start.start.words), seed \(seeds): the loss was not finite")
        }
        return summary.description + "\n"
    }

    var table: Table {
        let showsMatthews = labels.count == 2
        var table = Table(
            header: ["", "rate", "accuracy"] + (showsMatthews ? ["Matthews"] : []) + ["macro-F1"],
            alignments: [.left, .right, .right] + (showsMatthews ? [.right] : []) + [.right])
        for start in starts {
            table.append([start.start.words, "\(start.learningRate)"] + cells(start.measures))
        }
        if let difference {
            table.append(["difference, seed by seed", ""] + cells(difference, isSigned: true))
        }
        return table
    }

    func text(on canvas: Canvas) -> String {
        heading + table.text(columns: canvas.columns) + "\n" + conclusion
    }

    private func cells(_ measures: FinetuningResult.Measures, isSigned: Bool = false) -> [String] {
        [measures.accuracy, measures.matthews, measures.macroF1].compactMap { $0.map { cell($0, isSigned: isSigned) } }
    }

    private func cell(_ interval: MeanInterval, isSigned: Bool) -> String {
        let sign = isSigned && interval.mean >= 0 ? "+" : ""
        return sign + Quantity.fixed(interval.mean, 4)
            + (interval.halfWidth.map { " ± \(Quantity.fixed($0, 4))" } ?? "")
    }

    /// In one sentence, by the metric that the rate was chosen by.
    private var conclusion: String {
        let seeds = starts[0].seeds.count
        guard let difference = difference?.value(of: metric) else {
            return seeds > 1 ? "Means over \(seeds) seeds, ± half of the 95 % interval.\n" : "One seed: no interval.\n"
        }
        let verdict =
            !difference.excludesZero
            ? "no difference from random parameters can be told"
            : difference.mean > 0
                ? "the encoder is worth more than random parameters"
                : "the encoder is worth less than random parameters"
        return "Over \(seeds) seed\(seeds == 1 ? "" : "s"), by \(metric.rawValue): \(verdict).\n"
    }
}
