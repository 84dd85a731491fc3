import ArgumentParser
import Format
import Study
import SystemPackage

/// `study truncate`: shards of the stored candidates alone.
struct TruncateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "truncate", abstract: "Rewrite shards so that only the stored candidates are drawn.")

    @Option var shards: String
    @Option var out: String

    func run() throws { try TruncatedShards.write(Dataset(FilePath(shards)), to: FilePath(out)) }
}
