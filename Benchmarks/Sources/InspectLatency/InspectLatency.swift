import ArgumentParser
import Format
import Foundation
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
        var seconds: [Double] = []
        for index in 0..<UInt64(sequences) {
            let sequence = index * (large.entryCount - 1) / UInt64(max(sequences - 1, 1))
            let process = Process()
            process.executableURL = URL(fileURLWithPath: program)
            process.arguments = ["inspect", out, "--sequence", "\(sequence)"]
            process.standardOutput = FileHandle.nullDevice
            let start = ContinuousClock.now
            try process.run()
            process.waitUntilExit()
            seconds.append((ContinuousClock.now - start) / .seconds(1))
            guard process.terminationStatus == 0 else { throw ExitCode.failure }
        }
        seconds.sort()
        var usage = rusage()
        getrusage(RUSAGE_CHILDREN, &usage)
        let milliseconds = seconds.map { String(format: "%.1f ms", $0 * 1000) }
        print(
            "fastest \(milliseconds[0]), median \(milliseconds[sequences / 2]), slowest \(milliseconds[sequences - 1])")
        // Linux counts in KiB.
        print(String(format: "largest resident set %.1f MB", Double(usage.ru_maxrss) * 1024 / 1e6))
    }
}
