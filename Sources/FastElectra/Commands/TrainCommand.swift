import ArgumentParser
import Encoder
import Format
import Optimization
import Storage
import SystemPackage
import Terminal
import Train

/// `fast-electra train`: trains a discriminator from shards.
struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train", abstract: "Train an ELECTRA discriminator from shards; no generator is run.")

    @Option(help: ArgumentHelp("Folder of shards.", valueName: "dir"))
    var shards: FilePath

    @OptionGroup var model: ModelOptions

    @Option(help: ArgumentHelp("Folder of the run: a Hugging Face folder.", valueName: "dir"), completion: .directory)
    var out: FilePath

    @OptionGroup var training: TrainingOptions

    @Option(
        help: ArgumentHelp(
            "Temperature over training: exponential:START:DECAY, linear:START[:SHARE], polynomial:START[:POWER],"
                + " constant:T.", valueName: "schedule"))
    var temperature = TemperatureSchedule.standard

    @Option(help: ArgumentHelp("Shards to measure on: text that is not trained on.", valueName: "dir"))
    var evalShards: FilePath?

    @Option(
        help: ArgumentHelp(
            "Hugging Face folder whose parameters are taken over where names agree: a discriminator, or the auxiliary.",
            valueName: "dir"))
    var initFrom: FilePath?

    @OptionGroup var seed: SeedOption
    @OptionGroup var threads: ThreadOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        ProcessorKernels.choose()
        Interruption.listen()
        try AddressSpace.require(threads: threads.count)
        let dataset = try Dataset(shards)
        let choice = try model.choice(
            for: .discriminator, vocabularySize: dataset.header.vocabularySize,
            paddingTokenID: dataset.header.specialTokens.padding)
        let batchSize = training.batchSize ?? choice.batchSize
        // Without a number of steps, until each race has been read once.
        let epochs = max(1, dataset.header.raceCount)
        var settings = ReplayTrainer.Settings(
            encoder: choice.encoder,
            steps: training.steps ?? max(1, Int(dataset.entryCount) * epochs / batchSize), batchSize: batchSize,
            learningRate: training.learningRate ?? choice.learningRate, seed: seed.seed, threads: threads.count)
        settings.temperature = temperature
        settings.start = training.initialization
        settings.initialModel = initFrom
        settings.logInterval = training.logInterval
        settings.checkpointInterval = training.checkpointInterval

        let trainer = ReplayTrainer(
            settings, dataset: dataset, heldOut: try evalShards.map { try Dataset($0) }, folder: out)
        let bars = Bars()
        let (summary, didWork) = try trainer.train(
            parameters: parameters(settings, trainer), progress: bars.show, isInterrupted: Interruption.isRequested)
        bars.finish()
        try output.print(Result(summary: summary, didWork: didWork))
    }

    private func parameters(_ settings: ReplayTrainer.Settings, _ trainer: ReplayTrainer) -> RunParameters {
        RunParameters([
            "--shards": trainer.dataset.manifest.fingerprint,
            "--eval-shards": trainer.heldOut?.manifest.fingerprint ?? "",
            "--preset": "\(model.preset): \(settings.encoder)", "--batch-size": "\(settings.batchSize)",
            "--learning-rate": "\(settings.learningRate)", "--temperature": "\(settings.temperature)",
            "--init-from": settings.initialModel?.string ?? "", "--initialization": settings.start.rawValue,
            "--seed": "\(settings.seed)",
        ])
    }

    /// One bar a phase.
    private final class Bars {
        private let training = ProgressBar("Training", unit: "tokens")
        private var evaluation: (temperature: Double, bar: ProgressBar)?

        func show(_ progress: ReplayTrainer.Progress) {
            switch progress {
            case .training(let progress):
                let loss = Quantity.fixed(progress.record["loss"] ?? .nan, 4)
                let area = Quantity.fixed(progress.record["auc"] ?? .nan, 3)
                training.show(
                    progress.tokenCount, of: progress.tokenCount / progress.step * progress.totalSteps,
                    detail: "step \(progress.step), loss \(loss), AUC \(area)")
            case .evaluating(let done, let total, let temperature):
                if evaluation?.temperature != temperature {
                    evaluation?.bar.finish()
                    training.finish()
                    let name = "Evaluating at T = \(Quantity.short(temperature))"
                    evaluation = (temperature, ProgressBar(name, unit: "sequences"))
                }
                evaluation?.bar.show(done, of: total)
            }
        }

        func finish() {
            training.finish()
            evaluation?.bar.finish()
        }
    }

    private struct Result: CommandResult {
        let summary: TrainingSummary
        let didWork: Bool

        private enum CodingKeys: String, CodingKey {
            case didWork
        }

        func encode(to encoder: any Encoder) throws {
            try summary.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(didWork, forKey: .didWork)
        }

        var table: Table {
            var table = Table([
                "model": "\(summary.output), \(Quantity.count(summary.parameters)) parameters",
                "trained": "\(Quantity.count(summary.steps)) steps, \(Quantity.count(summary.tokens)) tokens",
                "speed": "\(Quantity.short(summary.tokensPerSecond)) tokens/s, \(Quantity.time(summary.seconds))",
            ])
            for evaluation in summary.evaluations {
                table.append(
                    "held out, T = \(Quantity.short(evaluation.temperature))",
                    "loss \(Quantity.fixed(evaluation.loss, 4)), accuracy \(Quantity.fixed(evaluation.accuracy, 4))"
                        + " (all called original: \(Quantity.fixed(1 - evaluation.replaceRate, 4))), precision "
                        + (evaluation.precision.map { Quantity.fixed($0, 3) } ?? "-")
                        + ", recall \(Quantity.fixed(evaluation.recall, 3)), AUC \(Quantity.fixed(evaluation.auc, 3))")
            }
            return table
        }
    }
}

extension TemperatureSchedule: ExpressibleByArgument {
    public init?(argument: String) {
        self.init(argument)
    }
}
