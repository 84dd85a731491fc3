import ArgumentParser
import Format
import Study
import SystemPackage

/// `study unigram`: shards of a generator that knows token counts alone.
struct UnigramCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unigram", abstract: "Rewrite shards as those of a generator that knows token counts alone.")

    @Option var shards: String
    @Option var out: String

    func run() throws { try UnigramShards.write(Dataset(FilePath(shards)), to: FilePath(out)) }
}
