import ArgumentParser
import Corpus
import Fingerprints
import Generate
import GeneratorTraining
import Models
import Ranks
import Report
import Storage
import SystemPackage
import Terminal
import Training

/// `fast-electra mlm`: trains a generator, a masked language model, for people who have none.
struct MaskedLanguageModelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mlm", abstract: "Train a generator (a masked language model) if you have none.")

    @OptionGroup var input: InputOptions

    @Option(
        help: ArgumentHelp("Folder with the tokenizer, as 'vocab' writes it.", valueName: "dir"),
        completion: .directory)
    var vocab: FilePath

    @OptionGroup var model: ModelOptions

    @Option(help: ArgumentHelp("Hugging Face folder to write.", valueName: "dir"), completion: .directory)
    var out: FilePath

    @OptionGroup var training: TrainingOptions

    @Option(help: ArgumentHelp("Share of tokens masked.", valueName: "p"))
    var maskProbability = 0.15

    @Option(help: ArgumentHelp("Tokens in a sequence, special ones included.", valueName: "n"))
    var maxLength = 128

    @Option(
        help: ArgumentHelp(
            "Train with the focal loss of this exponent. 0 is the cross-entropy.",
            discussion:
                "Hao et al. 2021. Tokens that are easy to guess count less, so draws are harder to detect. The loss that is shown"
                + " is the focal loss. `train --focal` draws in the same way from a generator that was trained without it.",
            valueName: "gamma"))
    var focal: Float = 0

    @OptionGroup var dryRun: DryRunOption
    @OptionGroup var config: ConfigurationOption
    @OptionGroup var seed: SeedOption
    @OptionGroup var threads: ThreadOptions
    @OptionGroup var progress: ProgressOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        try SequenceLimits.validate(maxLength: maxLength, maskProbability: maskProbability)
        guard (0...16).contains(focal) else { throw ValidationError("'--focal' takes 0 to 16, not \(focal)") }
    }

    func run() throws {
        Interruption.listen()
        let ranks = try Job.start()
        try dryRun.requireOneProcess(among: ranks)
        try AddressSpace.require(threads: threads.count)
        let input = try input.find(maxLength: maxLength)
        let corpus = try input.open(folder: vocab)
        let choice = try model.choice(
            for: .generator, vocabularySize: corpus.vocabularySize, paddingTokenID: corpus.special.padding)
        if maxLength > choice.encoder.maximumPositionCount {
            throw ValidationError(
                "'--max-length' is \(maxLength), and '--preset \(model.preset)' has \(choice.encoder.maximumPositionCount)"
                    + " positions. Give a smaller '--max-length'")
        }
        let snapshot = try FileSnapshot(of: input.files)
        let lock = dryRun.dryRun ? nil : try ranks.lock(out)
        defer { lock?.release() }
        let masking = Masking(corpus.special, probability: maskProbability)
        let (sequences, text) = try readSequences(corpus, masking)
        // Without a number of steps, ten times through the text.
        let settings = training.settings(
            for: choice, defaultSteps: { 10 * sequences.count / $0 }, seed: seed, threads: threads)

        let parameters = try parameters(settings, corpus, input)
        // The sequences and the parameters are of the same text.
        try snapshot.check()
        try ranks.together { if ranks.isFirst, !dryRun.dryRun { try parameters.check(against: out) } }
        try ranks.requireSame(
            parameters.values.merging(training.paces()) { $1 }.merging(Job.commonGround) { $1 })
        let network = MaskedLanguageModel(.electraForMaskedLM, choice.encoder)
        training.warnOfLongWarmup(among: settings.steps)
        training.warnOfIdleThreads(among: threads.count * ranks.count)
        try WorkingMemory.require(
            TrainingMemory(
                network.layout, choice.encoder, threads: threads.count, lanes: settings.lanes,
                longestSequence: sequences.longestCount,
                headByteCount: MaskedLanguageObjective.headByteCount(choice.encoder)),
            for: .training, threads: threads.count, longestSequence: sequences.longestCount)
        if dryRun.dryRun {
            try parameters.check(against: out)
            let trainer = GeneratorTrainer(
                settings, masking: masking, focal: focal, folder: out, output: nil, ranks: ranks,
                writeTokenizer: { _ in })
            guard let forecast = try trainer.forecast(on: sequences, isInterrupted: Interruption.isRequested) else {
                throw Interrupted()
            }
            return try output.print(Forecast(forecast, in: out, parameters))
        }
        let display = TrainingDisplay("Training the generator", style: progress.style) { record in
            ["loss \(Quantity.fixed(record[.loss] ?? .nan, 3))"]
        }
        let trainer = GeneratorTrainer(
            settings, masking: masking, focal: focal, folder: out, output: lock, ranks: ranks
        ) { [vocab] folder in
            try HuggingFaceFolder.copyTokenizer(from: vocab, to: folder)
            try corpus.completeTokenizer(in: folder)
        }
        let state = try trainer.train(
            on: sequences, of: text, maximumLength: maxLength, parameters: parameters,
            report: ranks.isFirst ? display.show : { _ in },
            isInterrupted: Interruption.isRequested)
        display.finish()
        if state.step < settings.steps { throw CancellationError() }
        guard ranks.isFirst else { return }
        try SummaryText.write(toRunIn: out)
        try output.print(
            Result(
                parameters: network.layout.parameterCount,
                steps: state.step, tokens: state.tokenCount, loss: state.lastRecord[.loss] ?? 0,
                accuracy: state.lastRecord[.accuracy] ?? 0, tokensPerSecond: state.tokensPerSecond,
                seconds: state.seconds, last: state.lastRecord, health: state.health.findings, text: text,
                didWork: display.firstStep != nil,
                output: out.string))
    }

    private func readSequences(
        _ corpus: CorpusInput, _ masking: Masking
    ) throws -> (sequences: TokenSequences, text: TextCounts) {
        let display = ProgressDisplay("Tokenizing", unit: "bytes", style: progress.style)
        var source = try corpus.sequences(maxLength: maxLength)
        var sequences = TokenSequences()
        var canMask = false
        while let sequence = try source.next() {
            sequences.append(sequence: sequence)
            canMask = canMask || masking.canMask(sequence.tokens)
            if sequences.count % 256 == 0 {
                display.show(source.progress.done, of: source.progress.total)
                try Interruption.check()
            }
        }
        display.finish()
        if sequences.count == 0 { throw GenerationError(.noSequences, corpus.files[0]) }
        if !canMask { throw GenerationError(.nothingToMask, corpus.files[0]) }
        // Other faults of the text are reported with the health of the training.
        TextWarnings(counts: source.counts, files: corpus.files).showReplacements()
        return (sequences, source.counts)
    }

    private func parameters(
        _ settings: TrainingSettings, _ corpus: CorpusInput, _ input: NamedInput
    ) throws -> RunParameters {
        let tokenizer = HuggingFaceFolder.tokenizerFiles(of: vocab)
        let own = [
            // Ids may have a vocabulary and no file of a tokenizer. Text may be cut otherwise with the same vocabulary.
            "vocabulary": Fingerprint.hexadecimal(of: corpus.canonicalBytes),
            "--vocab": "tokenizer of SHA-256 \(try Fingerprint.hexadecimal(ofFiles: tokenizer))",
            "--preset": model.fingerprint(of: settings.encoder),
            "--mask-probability": "\(maskProbability)", "--max-length": "\(maxLength)", "--focal": "\(focal)",
        ]
        return RunParameters(
            try input.parameters().merging(own) { $1 }.merging(training.parameters(of: settings)) { $1 },
            command: "mlm",
            arguments: Invocation.arguments)
    }

    private struct Result: CommandResult {
        let parameters: Int
        let steps: Int
        let tokens: Int
        let loss: Double
        let accuracy: Double
        let tokensPerSecond: Double
        let seconds: Double
        /// The last line of `metrics.jsonl`.
        let last: MetricsRecord
        let health: [HealthFinding]
        let text: TextCounts
        let didWork: Bool
        let output: String

        var table: Table {
            var table = Table([
                "model": "\(output), \(Quantity.count(parameters)) parameters",
                "trained": "\(Quantity.count(steps)) steps, \(Quantity.count(tokens)) tokens",
                "loss": "\(Quantity.fixed(loss, 3)) nats a masked token",
                "accuracy": Quantity.fixed(accuracy, 3),
                "speed":
                    (["\(Quantity.short(tokensPerSecond)) tokens/s, \(Quantity.time(seconds))"]
                    + TrainingDisplay.machine(last)).joined(separator: ", "),
            ])
            for row in text.rows { table.append(row) }
            for finding in health { table.append("step \(finding.step)", finding.message) }
            return table
        }
    }
}
