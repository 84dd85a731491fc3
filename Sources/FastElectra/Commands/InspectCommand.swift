import ArgumentParser
import Format
import Inspect
import Page
import Replay
import Storage
import SystemPackage
import Terminal

/// `fast-electra inspect`: shows the content of a data set or shard.
struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show a data set: a summary, a page, one sequence, or two data sets side by side.",
        usage: "fast-electra inspect [<options>] <dataset|shard> ...",
        discussion: """
            Counts include all shards. Distributions come from a sample of blocks. docs/inspect.md explains every figure and \
            the JSON.
            """)

    private static let usualSample = 16

    @Argument(
        help: ArgumentHelp("Folder of shards, or one shard. --compare takes two of them.", valueName: "dataset|shard"),
        completion: .file(extensions: ["shard"]))
    var paths: [FilePath]

    @Option(help: ArgumentHelp("Number of the sequence to show.", valueName: "i"))
    var sequence: UInt64?

    @Option(
        help: ArgumentHelp(
            "Temperature of the probabilities and the draws that a sequence shows, or that a page shows first.",
            valueName: "t"))
    var temperature: Double?

    @Option(help: ArgumentHelp("How many times the training run has been through the data set before.", valueName: "n"))
    var visit: UInt16 = 0

    @Flag(help: "Show two data sets side by side, and how much their generators differ at the same positions.")
    var compare = false

    @Option(
        help: ArgumentHelp("Write the summary as one page for a browser, with sequences to read.", valueName: "file"),
        completion: .file(extensions: ["html"]))
    var html: FilePath?

    @Option(
        help: ArgumentHelp("Number of blocks in the sample. (default: \(Self.usualSample))", valueName: "n"))
    var sample: Int?

    @Option(
        help: ArgumentHelp(
            """
            Temperature schedule of the training run, as in train's --temperature. It decides the replace rate over training. \
            (default: \(TemperatureSchedule.standard))
            """,
            valueName: "schedule"))
    var schedule: TemperatureSchedule?

    @OptionGroup var seed: SeedOption
    @OptionGroup var progress: ProgressOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if paths.count != (compare ? 2 : 1) {
            throw ValidationError(
                "'inspect' takes one data set or shard, and two with '--compare'. You gave \(paths.count): "
                    + "\(paths.map(\.string).joined(separator: ", ")).")
        }
        let modes = [("--sequence", sequence != nil), ("--compare", compare), ("--html", html != nil)].filter(\.1)
        if modes.count > 1 { throw ValidationError("\(modes[0].0) and \(modes[1].0) exclude each other.") }
        // A summary is of the whole range of temperatures and of no visit.
        for (name, isGiven) in [("--temperature", temperature != nil), ("--visit", visit != 0)]
        where isGiven && sequence == nil && html == nil {
            throw ValidationError("'\(name)' goes with '--sequence' or '--html'.")
        }
        // One sequence is read as it is.
        for (name, isGiven) in [("--sample", sample != nil), ("--schedule", schedule != nil)]
        where isGiven && sequence != nil {
            throw ValidationError("'\(name)' does not go with '--sequence'.")
        }
        if html?.string == "-", output.json { throw ValidationError("'--html -' and '--json' exclude each other.") }
        if let sample, !(1...1_000_000).contains(sample) { throw ValidationError("--sample is 1 to 1,000,000.") }
    }

    func run() throws {
        let page = try html.map { try PageDestination($0, of: InspectionPage.kind) }
        let sources = try paths.map { try ShardSource($0) }
        let names = sources.map(names)
        if let sequence { return try show(sequence, of: sources[0], names[0]) }
        let reports = try zip(sources, names).map { try report(on: $0, $1) }
        var faults = zip(reports, sources).map { (count: Set($0.sample.faults + $0.faults).count, path: $1.path) }
        if compare {
            let display = ProgressDisplay("Comparing", unit: "blocks", style: progress.progress)
            let blocks = blockSample(of: sources[0])
            let shared = try SharedPositions(of: sources[0], and: sources[1], blocks) {
                display.show($0, of: blocks.blocks.count)
            }
            display.finish()
            try output.print(ComparisonReport(reports[0], reports[1], shared))
            faults.append((shared.faults.count, sources[1].path))
        } else if let html, let page {
            let report = try writePage(to: page, named: html, reports[0], sources[0], names[0])
            // On standard output the page is the result.
            if page != .standardOutput { try output.print(report) }
        } else {
            try output.print(reports[0])
        }
        if let fault = faults.first(where: { $0.count > 0 }) {
            throw InspectionError(.damaged(blocks: fault.count), at: fault.path)
        }
    }

    /// The names of another vocabulary would be wrong ones.
    private func names(of source: ShardSource) -> TokenNames {
        do {
            return TokenNames(try ShardVocabulary.tokenizer(of: source.header, in: source.folder))
        } catch {
            Warning.show("\(error.wordedForCommandLine) Tokens are shown by their ids")
            return TokenNames(nil)
        }
    }

    private func show(_ sequence: UInt64, of source: ShardSource, _ names: TokenNames) throws {
        let (block, row, entry) = try source.sequence(sequence)
        let sampler = ReplaySampler(source.header, seed: seed.seed)
        let replay = try sampler.tempered(to: temperature ?? source.header.temperatureRange.minimum)
        try output.print(
            SequenceReport(
                block, row: row, entry: entry, visit: visit, seed: seed.seed, replay: replay,
                names: names))
    }

    func blockSample(of source: ShardSource) -> BlockSample {
        BlockSample(of: source.blockCount, atMost: sample ?? Self.usualSample, seed: seed.seed)
    }

    private func report(on source: ShardSource, _ names: TokenNames) throws -> DatasetReport {
        let blocks = blockSample(of: source)
        let display = ProgressDisplay("Looking at", unit: "blocks", style: progress.progress)
        let statistics = try SampleStatistics(source, blocks) { display.show($0, of: blocks.blocks.count) }
        display.finish()
        return DatasetReport(
            source, try SourceCounts(source), statistics, schedule: schedule ?? .standard,
            names: names)
    }
}
