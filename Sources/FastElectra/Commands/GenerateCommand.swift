import ArgumentParser
import Corpus
import Distillation
import Fingerprints
import Format
import Generate
import Models
import Ranks
import Storage
import SystemPackage
import Terminal
import Training

/// `fast-electra generate`: runs the generator once over a masked corpus and writes shards.
struct GenerateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate", abstract: "Run the generator once over a masked corpus and write logit shards.")

    @Option(
        help: ArgumentHelp("Hugging Face folder of the masked language model.", valueName: "dir"),
        completion: .directory)
    var generator: FilePath

    @OptionGroup var input: InputOptions

    @Option(help: ArgumentHelp("Folder of shards to write.", valueName: "dir"), completion: .directory)
    var out: FilePath

    @Option(
        help: ArgumentHelp(
            "How many times the corpus is masked and stored, each time with other masks.", valueName: "n"))
    var passes = 1

    @Option(
        help: ArgumentHelp(
            "At most so many candidates are stored with their logits at a masked position. The vocabulary's size keeps all logits.",
            valueName: "k"))
    var topK = 16

    @Option(
        help: ArgumentHelp(
            "At least so many candidates are stored at every masked position.",
            discussion:
                "One is enough for exact draws. More candidates show more in 'inspect' and allow replays of the most probable tokens"
                + " alone. Each takes about 3 bytes.", valueName: "k"))
    var leastCandidates = 1

    @Option(
        help: ArgumentHelp(
            "Visits of a training run that draw independently of each other. If all logits are stored, every visit does.",
            valueName: "r"))
    var races = ShardHeader.usualVisitCount

    @Option(
        help: ArgumentHelp(
            "Temperatures at which the shards can be replayed. A range that cannot keep a total variation of"
                + " \(ReplayPrecision.limit) is refused. If it does not contain 1:2, give 'train' a --temperature of"
                + " the range.", valueName: "min:max"))
    var temperatureRange = TemperatureRange(from: 1, to: 2)

    @Option(help: ArgumentHelp("Share of tokens masked.", valueName: "p"))
    var maskProbability = 0.15

    @Option(help: ArgumentHelp("Tokens in a sequence, special ones included.", valueName: "n"))
    var maxLength = 128

    @Flag(
        help: ArgumentHelp(
            "Let replacements be special tokens, too.",
            discussion:
                "[PAD], [CLS], [SEP], [MASK] and [UNK], other models' names for them, and [unusedN]. By default they have no"
                + " probability, because a discriminator recognizes them as replacements without looking at the text."))
    var drawSpecial = false

    @Option(
        help: ArgumentHelp(
            "Make only the shards of one of n parts, numbered from 0.",
            discussion:
                "Several machines may make parts at the same time, in one folder that all of them see. Then the same command"
                + " without --part makes missing shards and completes the data set.", valueName: "k/n"))
    var part: DatasetPart?

    @OptionGroup var dryRun: DryRunOption
    @OptionGroup var config: ConfigurationOption
    @OptionGroup var seed: SeedOption
    @OptionGroup var threads: ThreadOptions
    @OptionGroup var progress: ProgressOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        try SequenceLimits.validate(maxLength: maxLength, maskProbability: maskProbability)
        guard (1...65535).contains(passes) else {
            throw ValidationError("'--passes' takes 1 to 65535, not \(passes)")
        }
        guard temperatureRange.minimum >= 1.0 / 64, temperatureRange.maximum <= 64 else {
            throw ValidationError("'--temperature-range' takes temperatures from 1/64 to 64")
        }
        guard topK >= 1 else { throw ValidationError("'--top-k' takes 1 or more, not \(topK)") }
        guard 1...topK ~= leastCandidates else {
            throw ValidationError("'--least-candidates' takes 1 to '--top-k' (\(topK)), not \(leastCandidates)")
        }
        guard ShardHeader.visitCounts.contains(races) else {
            let (least, most) = (ShardHeader.visitCounts.lowerBound, ShardHeader.visitCounts.upperBound)
            throw ValidationError("'--races' takes \(least) to \(most), not \(races)")
        }
    }

    func run() throws {
        Interruption.listen()
        if dryRun.dryRun {
            if part != nil { throw ValidationError("'--dry-run' tells of the whole data set. Leave out '--part'.") }
            try dryRun.requireOneProcess(among: Job.start())
            return try output.print(forecast())
        }
        if part != nil { return try output.print(make(part)) }
        let ranks = try Job.start()
        if ranks.count > 1 {
            // Each rank makes its part, however long that takes, and the first one completes the data set.
            let own = Swift.Result { try make(DatasetPart(ranks.rank, of: ranks.count)) }
            try ranks.together(patience: .endless) { _ = try own.get() }
        }
        if ranks.isFirst { try output.print(make(nil)) }
    }

    /// Makes a part, or all that is missing.
    private func make(_ part: DatasetPart?) throws -> Result {
        try AddressSpace.require(threads: threads.count)
        let input = try input.find(maxLength: maxLength)
        let files = try FileSnapshot(of: input.files)
        let corpus = try input.open(folder: generator)
        let header = try header(corpus)
        try Folder(out).create()
        try OpenFiles.require(for: out)
        let lock = try FolderLock(out, part == nil ? .alone : .together)
        defer { lock.release() }
        let runParameters = try runParameters(header, input)
        try lock.alone { try runParameters.check(against: out) }
        let identity = runParameters.values[input.name] ?? ""
        if let summary = try finishedBefore(header, part, corpus: identity) {
            // Somebody may have removed the tokenizer, which the model of a later run needs.
            if !HuggingFaceFolder.hasTokenizer(out) { try lock.alone { try writeTokenizer(of: corpus) } }
            return Result(summary, of: part, header, output: out.string)
        }
        let (model, weights) = try MaskedLanguageModel.open(generator)
        try model.check(vocabularySize: corpus.vocabularySize, maxLength: maxLength, folder: generator)
        try WorkingMemory.require(
            GenerationMemory(model, header, threads: threads.count), for: .generating, threads: threads.count,
            longestSequence: maxLength)
        let parameters = ParameterArena(model.layout)
        try parameters.readAll(from: weights)
        let masking = Masking(corpus.special, probability: maskProbability)
        // Input that cannot work is refused before the folder is bound to it. A run that goes on has been through this.
        if !Folder(out).contains(RunParameters.fileName) {
            try CorpusInspection(corpus, masking: masking, maxLength: maxLength).run(progress)
        }
        try lock.alone {
            try runParameters.bind(to: out)
            try writeTokenizer(of: corpus)
            // The shards of a run that is interrupted do not say how many passes there are to be.
            if part != nil || PartDivision(of: out) == nil {
                try PartDivision(
                    parts: part?.count ?? 1, passes: passes, sequencesOfShard: ShardGenerator.sequencesOfShard(header)
                ).write(to: out)
            }
        }

        let display = ProgressDisplay("Generating", unit: "tokens", style: progress.style)
        let summary = try ShardGenerator(
            model, parameters: parameters, header: header,
            masking: masking, passes: passes,
            threads: threads.count, folder: out
        ).generate(
            part: part, from: { try corpus.sequences(maxLength: maxLength, behind: $0) }, corpus: identity,
            input: files,
            progress: { work in
                // The input is counted in bytes; how many tokens it will make follows from those it has made.
                let share = Double(max(work.done, 1)) / Double(max(work.total, 1))
                display.show(work.tokens, of: Int(Double(work.tokens) / min(share, 1)))
            }, isInterrupted: Interruption.isRequested)
        display.finish()
        return Result(summary, of: part, header, output: out.string)
    }

    private func writeTokenizer(of corpus: CorpusInput) throws {
        try HuggingFaceFolder.copyTokenizer(from: generator, to: out)
        try corpus.completeTokenizer(in: out)
    }

    private func forecast() throws -> Forecast<DatasetForecast> {
        try AddressSpace.require(threads: threads.count)
        let input = try input.find(maxLength: maxLength)
        let corpus = try input.open(folder: generator)
        let header = try header(corpus)
        let runParameters = try runParameters(header, input)
        try runParameters.check(against: out)
        let (model, weights) = try MaskedLanguageModel.open(generator)
        try model.check(vocabularySize: corpus.vocabularySize, maxLength: maxLength, folder: generator)
        let memory = try GenerationMemory(model, header, threads: threads.count)
        let parameters = ParameterArena(model.layout)
        try parameters.readAll(from: weights)
        let figures = try ShardGenerator(
            model, parameters: parameters, header: header,
            masking: Masking(corpus.special, probability: maskProbability), passes: passes, threads: threads.count,
            folder: out
        ).forecast(from: corpus.sequences(maxLength: maxLength), isInterrupted: Interruption.isRequested)
        return Forecast(
            DatasetForecast(
                figures, deviation: header.deviation, memory: max(memory.byteCount, PeakMemory.byteCount ?? 0)),
            in: out, runParameters)
    }

    /// The summary of the shards in the folder; nil where a shard is missing. No text is tokenized for it, and no model loaded.
    private func finishedBefore(_ header: ShardHeader, _ part: DatasetPart?, corpus: String) throws
        -> GenerationSummary?
    {
        let present = try PresentShards(in: out, of: header, passes: passes)
        guard present.isComplete else { return nil }
        return try part.map { present.summary(of: $0, corpus: corpus) } ?? present.finish(corpus: corpus)
    }

    private func header(_ corpus: CorpusInput) throws -> ShardHeader {
        let configuration = try ModelConfiguration(folder: generator)
        if configuration.architectureIsInferred, let architecture = configuration.architecture {
            Warning.show(
                "\(generator)'s config.json names no architecture. Its tensors are those of \(architecture.rawValue)")
        }
        let special = corpus.special
        let size = configuration.encoder.vocabularySize
        return try ShardHeader(
            vocabularySize: size,
            vocabularySHA256: Fingerprint.hexadecimal(of: corpus.canonicalBytes),
            generatorSHA256: try Fingerprint.hexadecimal(ofFiles: ModelWeights(folder: generator).files),
            specialTokens: SpecialTokens(
                padding: special.padding, classification: special.classification, separator: special.separator,
                mask: special.mask),
            neverDrawn: drawSpecial ? [] : TokenRange.ranges(of: corpus.tokensWithoutText),
            sources: corpus.sourceNames, maximumLength: maxLength, maskProbability: maskProbability, seed: seed.seed,
            keeping: topK < size ? leastCandidates...topK : size...size, visits: races, over: temperatureRange)
    }

    private func runParameters(_ header: ShardHeader, _ input: NamedInput) throws -> RunParameters {
        // The same weights make something else of a text that is cut otherwise, or with another activation.
        let smallFiles = try Fingerprint.hexadecimal(ofFiles: HuggingFaceFolder.smallFiles(of: generator))
        let own = [
            "--generator": "weights of SHA-256 \(header.generatorSHA256), configuration and tokenizer of \(smallFiles)",
            "vocabulary": header.vocabularySHA256, "--passes": "\(passes)",
            "--top-k": "\(header.mostCandidates)", "--least-candidates": "\(header.leastCandidates)",
            "--races": "\(header.visitCount)",
            "--temperature-range": "\(temperatureRange.minimum):\(temperatureRange.maximum)",
            "--mask-probability": "\(maskProbability)", "--max-length": "\(maxLength)", "--seed": "\(seed.seed)",
            "--draw-special": "\(drawSpecial)",
        ]
        return RunParameters(
            try input.parameters().merging(own) { $1 }, command: "generate",
            arguments: Invocation.arguments)
    }
}

extension DatasetPart: ExpressibleByArgument {
    public init?(argument: String) {
        let numbers = argument.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) ?? -1 }
        guard numbers.count == 2 else { return nil }
        self.init(numbers[0], of: numbers[1])
    }
}

extension TemperatureRange: ExpressibleByArgument {
    public init?(argument: String) {
        let ends = argument.split(separator: ":", omittingEmptySubsequences: false).map { Double($0) ?? .nan }
        guard ends.count == 2, ends[0] > 0, ends[1] >= ends[0], ends[1].isFinite else { return nil }
        self.init(from: ends[0], to: ends[1])
    }
}
