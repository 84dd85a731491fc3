import ArgumentParser
import Format
import Storage
import SystemPackage
import Terminal

/// `fast-electra verify`: checks every byte of shards.
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Check every byte of data sets and shards, and report all faults.")

    @Argument(
        help: ArgumentHelp("Folders of shards, or shards.", valueName: "dataset|shard"),
        completion: .file(extensions: ["shard"]))
    var paths: [FilePath]

    @Flag(help: "First make the manifest of the folder again from its shards.")
    var rebuildManifest = false

    @OptionGroup var progress: ProgressOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if rebuildManifest, let path = paths.first(where: { !Folder($0).exists }) {
            throw ValidationError("'--rebuild-manifest' takes folders of shards, and '\(path)' is not a folder")
        }
    }

    func run() throws {
        var report = ShardVerifier.Report()
        for path in paths {
            report += try verify(path)
        }
        try output.print(Result(report))
        if !report.isSound { throw FaultsFound(report) }
    }

    private func verify(_ path: FilePath) throws -> ShardVerifier.Report {
        let display = ProgressDisplay("Verifying", unit: "bytes", style: progress.progress)
        let show = { (done: ShardVerifier.Progress) in
            display.show(Int(done.bytesDone), of: Int(done.bytesInAll))
        }
        defer { display.finish() }
        guard Folder(path).exists else { return ShardVerifier.verify(shard: path, progress: show) }
        if rebuildManifest {
            let lock = try FolderLock(path)
            defer { lock.release() }
            try Manifest(scanning: path).write(to: path)
        }
        var report = ShardVerifier.verify(dataset: path, progress: show)
        if let dataset = try? Dataset(path) {
            do { try ShardVocabulary.check(dataset) } catch { report.add(ShardVerifier.Fault(error: error)) }
        }
        return report
    }

    private struct Result: CommandResult {
        let shards: Int
        let sequences: Int
        let tokens: Int
        let maskedPositions: Int
        let bytes: Int
        /// Each with place and remedy.
        let faults: [String]
        let unlistedFaults: Int

        init(_ report: ShardVerifier.Report) {
            shards = report.shards
            sequences = Int(report.counts.sequences)
            tokens = Int(report.counts.tokens)
            maskedPositions = Int(report.counts.maskedPositions)
            bytes = Int(report.bytes)
            faults = report.faults.map { fault in
                (fault.block.map { "block \($0): " } ?? "") + fault.error.wordedForCommandLine
            }
            unlistedFaults = report.unlistedFaultCount
        }

        var table: Table {
            var table = Table([
                "shards": "\(Quantity.count(shards)), \(Quantity.bytes(bytes))",
                "sequences": Quantity.count(sequences),
                "tokens": Quantity.count(tokens),
                "masked positions": Quantity.count(maskedPositions),
                "faults": faults.isEmpty ? "none" : Quantity.count(faults.count + unlistedFaults),
            ])
            for fault in faults { table.append("", fault) }
            if unlistedFaults > 0 { table.append("", "and \(Quantity.count(unlistedFaults)) more") }
            return table
        }
    }
}

/// The verified files are not sound.
private struct FaultsFound: ExplainedError {
    let count: Int
    /// Of the data, unless the machine is to blame for all faults: shards that cannot be read may be sound.
    let blame: Blame

    init(_ report: ShardVerifier.Report) {
        count = report.faults.count + report.unlistedFaultCount
        blame = report.faults.allSatisfy { $0.error.blame == .environment } ? .environment : .data
    }

    var location: ErrorLocation? { nil }
    var problem: String { count == 1 ? "there is a fault" : "there are \(count) faults" }
    var remedy: String { "Follow the remedy of each fault in the list" }
}
