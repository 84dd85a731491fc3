import ArgumentParser
import Corpus
import Fingerprints
import Format
import Models
import Ranks
import Replay
import Report
import Storage
import SystemPackage
import Terminal
import Train
import Training

/// `fast-electra train`: trains a discriminator from shards.
struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train", abstract: "Train an ELECTRA discriminator from shards, without running a generator.")

    @OptionGroup var shards: ShardsOption

    @OptionGroup var model: ModelOptions

    @Option(help: ArgumentHelp("Folder of the run: a Hugging Face folder.", valueName: "dir"), completion: .directory)
    var out: FilePath

    @OptionGroup var training: TrainingOptions

    @Option(
        help: ArgumentHelp(
            "Temperature over training: exponential:START[:DECAY], linear:START[:SHARE], polynomial:START[:POWER],"
                + " constant:T. START and T: 1/64 to 64.",
            valueName: "schedule"))
    var temperature = TemperatureSchedule.standard

    @Option(
        help: ArgumentHelp(
            "Draw as a generator trained with the focal loss would: its exponent, 1/64 to 16, or a schedule that ends at 0.",
            discussion:
                "Hao et al. 2021. It raises the probability of tokens that are hard to guess. Schedules are as in --temperature: linear:START[:SHARE] and so on.",
            valueName: "gamma|schedule"))
    var focal: FocalSchedule?

    @Option(
        help: ArgumentHelp("Shards to measure on. Their text should not be in the training shards.", valueName: "dir"),
        completion: .directory)
    var evalShards: FilePath?

    @Option(
        help: ArgumentHelp(
            "Updates between two evaluations. The default is the checkpoint interval.", valueName: "n"))
    var evalInterval: Int?

    @Option(
        help: ArgumentHelp(
            "Held-out sequences per evaluation. The default is 1,000. The final evaluation uses all of them, and also measures both ends of the temperature range.",
            valueName: "n"))
    var evalSequences: Int?

    @Option(
        help: ArgumentHelp(
            "Temperature at which held-out shards are replayed. The default is 1, or the nearest that they allow.",
            valueName: "t"))
    var evalTemperature: Double?

    @Option(
        help: ArgumentHelp(
            "Hugging Face folder to start from: a discriminator or the generator. Parameters of the same name are taken over.",
            valueName: "dir"), completion: .directory)
    var initFrom: FilePath?

    @OptionGroup var dryRun: DryRunOption
    @OptionGroup var config: ConfigurationOption
    @OptionGroup var seed: SeedOption
    @OptionGroup var threads: ThreadOptions
    @OptionGroup var progress: ProgressOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        for (name, value) in [
            ("--eval-interval", evalInterval ?? 1), ("--eval-sequences", evalSequences ?? 1),
        ]
        where !(1...Int(Int32.max)).contains(value) {
            throw ValidationError("'\(name)' takes 1 to \(Int32.max), not \(value)")
        }
        if evalShards == nil {
            let given = [
                "--eval-interval": evalInterval != nil, "--eval-sequences": evalSequences != nil,
                "--eval-temperature": evalTemperature != nil,
            ]
            for name in given.keys.sorted() where given[name] == true {
                throw ValidationError("'\(name)' needs '--eval-shards', the shards to measure on")
            }
        }
    }

    func run() throws {
        Interruption.listen()
        let ranks = try Job.start()
        try dryRun.requireOneProcess(among: ranks)
        try AddressSpace.require(threads: threads.count)
        let data = try shards.open()
        let choice = try model.choice(
            for: .discriminator, vocabularySize: data.header.vocabularySize,
            paddingTokenID: data.header.specialTokens.padding)
        // Without a number of steps, as long as visits are independent draws.
        let epochs = data.visitCount ?? ShardHeader.usualVisitCount
        let settings = training.settings(
            for: choice, defaultSteps: { Int(data.entryCount) * epochs / $0 }, seed: seed, threads: threads)
        let heldOut = try evalShards.map { try Dataset($0) }
        for dataset in data.datasets { try ShardVocabulary.check(dataset) }
        let tokenizerFolder = data.datasets[0].folder
        if !HuggingFaceFolder.hasTokenizer(tokenizerFolder) {
            Warning.show(
                "\(tokenizerFolder) has no tokenizer, so the model will have none, and finetune and score cannot read text"
                    + " with it. If the shards were made from text, the generate command that made them writes the tokenizer"
                    + " again")
        }
        let longest = max(data.maximumLength, heldOut?.header.maximumLength ?? 0)
        let positions = choice.encoder.maximumSequenceLength
        if positions < longest {
            throw ValidationError(
                "'--preset \(model.preset)' has \(positions) positions, and the shards have sequences of up to \(longest)"
                    + " tokens. Take another preset, or make shards with a smaller --max-length")
        }
        if shards.sourcePower != nil, data.sourceNames.count < 2 {
            Warning.show(
                "--source-power has no effect, because the shards have one source. `generate --text NAME=FILE` names sources"
            )
        }
        if let initFrom { try Self.requireSameVocabulary(initFrom, data.datasets[0].folder) }
        training.warnOfLongWarmup(among: settings.steps)
        training.warnOfIdleThreads(among: threads.count * ranks.count)
        try WorkingMemory.require(
            TrainingMemory(
                Discriminator(choice.encoder, predictsSentences: settings.sentenceTargetCount > 0).layout,
                choice.encoder, threads: threads.count, lanes: settings.lanes,
                longestSequence: longest,
                headByteCount: settings.sentenceTargetCount > 0 ? SentencePrediction.byteCount(choice.encoder) : 0),
            for: .training, threads: threads.count, longestSequence: longest)
        let lock = dryRun.dryRun ? nil : try ranks.lock(out)
        defer { lock?.release() }
        var replay = ReplayTrainer.Replay()
        replay.temperature = temperature
        replay.focal = focal
        replay.initialModel = initFrom
        replay.evaluationInterval = evalInterval
        if let evalSequences { replay.evaluatedSequences = evalSequences }
        replay.evaluationTemperature = evalTemperature

        let trainer = ReplayTrainer(
            settings, replay: replay, data: data, heldOut: heldOut, folder: out, output: lock,
            ranks: ranks)
        let parameters = try parameters(trainer)
        if dryRun.dryRun {
            try parameters.check(against: out)
            guard let forecast = try trainer.forecast(isInterrupted: Interruption.isRequested) else {
                throw Interrupted()
            }
            return try output.print(Forecast(forecast, in: out, parameters))
        }
        let display = TrainingDisplay("Training", style: progress.style) { record in
            [
                "loss \(Quantity.fixed(record[.loss] ?? .nan, 4))", "AUC \(Quantity.fixed(record[.auc] ?? .nan, 3))",
                "T \(Quantity.short(record[.temperature] ?? .nan))",
            ]
        }
        try ranks.requireSame(
            parameters.values.merging(training.paces(evalInterval)) { $1 }.merging(Job.commonGround) {
                $1
            })
        let (summary, didWork) = try trainer.train(
            parameters: parameters, report: ranks.isFirst ? display.show : { _ in },
            isInterrupted: Interruption.isRequested)
        display.finish()
        if ranks.isFirst { try SummaryText.write(toRunIn: out) }
        if ranks.isFirst { try output.print(Result(summary: summary, didWork: didWork)) }
    }

    /// Refuses a start whose word embeddings belong to other tokens. A folder without a tokenizer that is known here says
    /// nothing about them.
    private static func requireSameVocabulary(_ start: FilePath, _ shards: FilePath) throws {
        guard let own = try? Tokenizer(folder: start), let others = try? Tokenizer(folder: shards) else { return }
        if own.vocabulary.canonicalBytes != others.vocabulary.canonicalBytes {
            throw TrainingError(.otherVocabulary, start)
        }
    }

    private func parameters(_ trainer: ReplayTrainer) throws -> RunParameters {
        let settings = trainer.settings
        let initialWeights = try initFrom.map { try ModelWeights(folder: $0).files }
        let values = [
            "--eval-shards": trainer.heldOut?.manifest.fingerprint ?? "",
            "--preset": model.fingerprint(of: settings.encoder),
            "--eval-sequences": trainer.heldOut == nil ? "" : "\(trainer.replay.evaluatedSequences)",
            "--eval-temperature": evalTemperature.map { "\($0)" } ?? "", "--temperature": "\(temperature)",
            "--focal": focal?.description ?? "",
            // By content: another model may come to lie at the same path.
            "--init-from": try initialWeights.map { "weights of SHA-256 \(try Fingerprint.hexadecimal(ofFiles: $0))" }
                ?? "",
        ]
        return RunParameters(
            values.merging(training.parameters(of: settings)) { $1 }.merging(shards.parameters(of: trainer.data)) {
                $1
            },
            command: "train",
            arguments: Invocation.arguments)
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
                "speed":
                    (["\(Quantity.short(summary.tokensPerSecond)) tokens/s, \(Quantity.time(summary.seconds))"]
                    + TrainingDisplay.machine(summary.last)).joined(separator: ", "),
            ])
            if !summary.tokensBySource.isEmpty {
                let shares = summary.tokensBySource.sorted { $0.value > $1.value }.map { name, count in
                    "\(name) \(Quantity.percent(Double(count) / Double(max(summary.tokens, 1))))"
                }
                table.append(
                    "tokens by source", shares.prefix(20).joined(separator: ", ") + (shares.count > 20 ? ", ..." : ""))
            }
            for evaluation in summary.evaluations {
                table.append(
                    "held out, T = \(Quantity.short(evaluation.temperature))",
                    "loss \(Quantity.fixed(evaluation.loss, 4)), accuracy \(Quantity.fixed(evaluation.accuracy, 4))"
                        + " (all called original: \(Quantity.fixed(1 - evaluation.replaceRate, 4))), precision "
                        + (evaluation.precision.map { Quantity.fixed($0, 3) } ?? "-")
                        + ", recall \(Quantity.fixed(evaluation.recall, 3)), AUC \(Quantity.fixed(evaluation.auc, 3))")
            }
            if let best = summary.best {
                table.append(
                    "best checkpoint", "\(best.path), loss \(Quantity.fixed(best.loss, 4)) on held-out sequences")
            }
            for finding in summary.health { table.append("step \(finding.step)", finding.message) }
            return table
        }
    }
}

extension FocalSchedule: ExpressibleByArgument {
    public init?(argument: String) {
        self.init(argument)
    }
}

extension TemperatureSchedule: ExpressibleByArgument {
    public init?(argument: String) {
        self.init(argument)
    }
}
