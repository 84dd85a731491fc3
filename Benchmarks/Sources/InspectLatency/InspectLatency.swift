import ArgumentParser
import Format
import SystemPackage

/// How long `fast-electra inspect` takes to show one sequence of a large data set, and the memory that it needs.
@main
struct InspectLatency: ParsableCommand {
    @Option(help: "The fast-electra to run.")
    var program: String

    @Option(help: "A data set whose blocks are repeated.")
    var dataset: String

    @Option(help: "Folder for the large data set; kept.")
    var out: String

    @Option(help: "Bytes that it has, at least.")
    var bytes: UInt64 = 1_000_000_000

    @Option(help: "Sequences to look at, one after another, each in a process of its own.")
    var sequences = 40

    func run() throws {
        let repeated = try RepeatedDataset(of: Dataset(FilePath(dataset)), byteCount: bytes, in: FilePath(out))
        let large = try Dataset(repeated.folder)
        let size = large.manifest.shards.reduce(0) { $0 + $1.byteCount }
        print(
            "\(size) bytes, \(large.manifest.shards.count) shards, \(large.entryCount) sequences, \(large.blockCount) blocks"
        )
        let runs = try (0..<UInt64(max(sequences, 2))).map { index in
            let sequence = index * (large.entryCount - 1) / UInt64(max(sequences, 2) - 1)
            return try ProgramRun(program, ["inspect", out, "--sequence", "\(sequence)"])
        }
        let times = runs.map(\.milliseconds).sorted()
        print("fastest \(times[0]) ms, median \(times[times.count / 2]) ms, slowest \(times[times.count - 1]) ms")
        print("largest resident set \(runs.map(\.residentMegabytes).max() ?? 0) MB")
    }
}
