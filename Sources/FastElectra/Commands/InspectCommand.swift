import ArgumentParser
import Format
import Storage
import SystemPackage
import Terminal
import Train

/// `fast-electra inspect`: shows what is in a data set or shard.
struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Show what is in a data set: a summary, or one sequence.")

    @Argument(help: ArgumentHelp("Folder of shards, or one shard.", valueName: "dataset|shard"))
    var path: FilePath

    @Option(help: ArgumentHelp("Number of the sequence to show.", valueName: "i"))
    var sequence: UInt64?

    @Option(help: ArgumentHelp("Temperature of the probabilities and the draws.", valueName: "t"))
    var temperature: Double?

    @Option(help: ArgumentHelp("How often the training run has been through the data set before.", valueName: "n"))
    var visit: UInt16 = 0

    @OptionGroup var seed: SeedOption
    @OptionGroup var output: OutputOptions

    func run() throws {
        let source = try ShardSource(path)
        guard let sequence else {
            return try output.print(DatasetReport(source))
        }
        let (block, row, entry) = try source.sequence(sequence)
        let sampler = ReplaySampler(source.header, seed: seed.seed)
        let replay = try sampler.tempered(to: temperature ?? source.header.temperatureRange.minimum)
        try output.print(
            SequenceReport(
                block, row: row, entry: entry, visit: visit, replay: replay,
                vocabulary: TokenNames(besideShards: source.folder)))
    }
}
