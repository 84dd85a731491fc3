import ArgumentParser
import Format
import Models
import Training

/// How long and how fast a model is trained.
struct TrainingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Updates.",
            discussion:
                "The default of 'mlm' is ten times through the text. That of 'train' is as many times through the shards as visits"
                + " draw independently: generate's --races, or \(ShardHeader.usualVisitCount) if all logits are stored. The same command with more steps extends a run. From there on, its"
                + " schedules follow the new number.",
            valueName: "n"))
    var steps: Int?

    @Option(
        help: ArgumentHelp(
            "Sequences in an update. The default is the preset's, or 128 with a config.json.", valueName: "n"))
    var batchSize: Int?

    @Option(
        help: ArgumentHelp(
            "Peak learning rate. The default is the preset's, or 5e-4 with a config.json.", valueName: "x"))
    var learningRate: Float?

    @OptionGroup var optimization: OptimizationOptions

    @Option(
        help: ArgumentHelp(
            "Parts of a batch, which the threads divide among themselves: a power of two.",
            discussion:
                "Sums over parts are added in a fixed order, so the weights depend on this number and not on the number of"
                + " threads. At most as many threads work as there are parts.",
            valueName: "n"))
    var lanes = TrainingSettings.usualLanes

    @Option(
        help: ArgumentHelp(
            "How parameters start. random; local: some heads of the first layer look at neighboring words; corpus: the same,"
                + " and words that occur together in the text have similar embeddings. local learns sooner than random, and"
                + " corpus sooner than local."))
    var initialization: StartingPoint = .corpus

    @Option(
        help: ArgumentHelp(
            "Tokens of its own sequence that [CLS] has to predict at each visit; 0 for none.",
            discussion:
                "Without it, no objective makes [CLS] know its sequence, and classifiers read only [CLS].",
            valueName: "n"))
    var sentenceTargets = SentenceTargets.usualCount

    @Option(help: ArgumentHelp("Updates between two lines of metrics.jsonl.", valueName: "n"))
    var logInterval = 10

    @Option(
        help: ArgumentHelp(
            "Updates between two checkpoints.",
            discussion: "They are written while training goes on, from a copy that takes 12 bytes a parameter.",
            valueName: "n"))
    var checkpointInterval = 1000

    @Option(help: ArgumentHelp("Checkpoints to keep: the newest n, and the best.", valueName: "n"))
    var keepCheckpoints = 2

    private static let mostLanes = 1024

    func validate() throws {
        for (name, value) in [
            ("--steps", steps ?? 1), ("--batch-size", batchSize ?? 1), ("--log-interval", logInterval),
            ("--checkpoint-interval", checkpointInterval), ("--keep-checkpoints", keepCheckpoints),
        ] where !(1...Int(Int32.max)).contains(value) {
            throw ValidationError("'\(name)' takes 1 to \(Int32.max), not \(value)")
        }
        guard (1...Self.mostLanes).contains(lanes), lanes & (lanes - 1) == 0 else {
            throw ValidationError("'--lanes' takes a power of two from 1 to 1,024, not \(lanes)")
        }
        guard (0...1024).contains(sentenceTargets) else {
            throw ValidationError("'--sentence-targets' takes a number from 0 to 1,024, not \(sentenceTargets)")
        }
        if let learningRate, !(learningRate > 0 && learningRate <= 1) {
            throw ValidationError("'--learning-rate' takes a number above 0 and up to 1, not \(learningRate)")
        }
    }
}

extension TrainingOptions {
    /// The settings of the command line, with a preset's values where the command line has none.
    ///
    /// - Parameter defaultSteps: updates for a batch size.
    func settings(
        for choice: ModelOptions.Choice, defaultSteps: (_ batchSize: Int) -> Int, seed: SeedOption,
        threads: ThreadOptions
    ) -> TrainingSettings {
        let batchSize = batchSize ?? choice.batchSize
        var encoder = choice.encoder
        if let dropout = optimization.dropout { (encoder.hiddenDropout, encoder.attentionDropout) = (dropout, dropout) }
        var settings = TrainingSettings(
            encoder: encoder, steps: steps ?? max(1, defaultSteps(batchSize)), batchSize: batchSize,
            learningRate: learningRate ?? choice.learningRate, seed: seed.seed, threads: threads.count)
        settings.warmup = optimization.warmup
        settings.scheduleShape = optimization.schedule
        settings.optimizer = optimization.configuration
        settings.gradientNormLimit = optimization.gradientNormLimit
        settings.start = initialization
        settings.sentenceTargetCount = sentenceTargets
        settings.lanes = lanes
        settings.logInterval = logInterval
        settings.checkpointInterval = checkpointInterval
        settings.keptCheckpoints = keepCheckpoints
        return settings
    }

    /// The settings that decide the weights, by the names that the person knows.
    func parameters(of settings: TrainingSettings) -> [String: String] {
        optimization.parameters.merging([
            "--batch-size": "\(settings.batchSize)", "--learning-rate": "\(settings.learningRate)",
            "--initialization": settings.start.rawValue, "--sentence-targets": "\(settings.sentenceTargetCount)",
            "--lanes": "\(settings.lanes)", "--seed": "\(settings.seed)",
        ]) { $1 }
    }

    /// Options that ranks must have in common besides those that decide the result: the steps at which they do the same things.
    func paces(_ evaluationInterval: Int? = nil) -> [String: String] {
        [
            "--steps": steps.map(String.init) ?? "as many as make sense",
            "--log-interval": "\(logInterval)",
            "--checkpoint-interval": "\(checkpointInterval)",
            "--eval-interval": evaluationInterval.map(String.init) ?? "as the checkpoints'",
        ]
    }

    /// Says that the learning rate will not reach its peak.
    func warnOfLongWarmup(among steps: Int) {
        if case .steps(let warmup) = optimization.warmup, warmup > steps {
            Warning.show(
                "the learning rate will not reach its peak, because --warmup is \(warmup) and the run has \(steps) updates."
                    + " A share, such as --warmup 0.1, fits any number of updates")
        }
    }

    /// Says that some threads will have nothing to do.
    func warnOfIdleThreads(among threads: Int) {
        if threads > lanes {
            let advice =
                lanes < Self.mostLanes
                ? ". In another folder, --lanes \(lanes << 1) would let more threads work. The last bits of the weights would"
                    + " differ" : ""
            Warning.show(
                "only \(lanes) of \(threads) threads will work, because the batch has \(lanes) lanes\(advice)")
        }
    }
}

extension StartingPoint: ExpressibleByArgument {}
