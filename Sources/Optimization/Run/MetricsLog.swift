import FoundationEssentials
import Storage
import SystemPackage

/// `metrics.jsonl`: one JSON object a line, one line an interval of steps.
struct MetricsLog {
    static let fileName = "metrics.jsonl"

    private let path: FilePath
    private let descriptor: FileDescriptor

    /// Opens the log to append, without the lines of steps after `step`: those steps will be made again.
    init(in folder: FilePath, continuingAfter step: Int) throws {
        path = folder.appending(Self.fileName)
        if Folder(folder).contains(Self.fileName) {
            let contents = try RandomAccessFile.contents(of: path)
            let lines = contents.split(separator: UInt8(ascii: "\n"))
            let kept = lines.filter { line in
                let record = try? JSONDecoder().decode([String: Double].self, from: Data(line))
                return (record?["step"]).map { $0 <= Double(step) } ?? false
            }
            if kept.count < lines.count || contents.last != UInt8(ascii: "\n") {
                try DurableFile.write(kept.flatMap { Array($0) + [UInt8(ascii: "\n")] }, to: path)
            }
        }
        do {
            descriptor = try FileDescriptor.open(
                path, .writeOnly, options: [.append, .create, .closeOnExec],
                permissions: [.ownerReadWrite, .groupRead, .otherRead])
        } catch let errno as Errno {
            throw FileError(.open, path, errno)
        }
    }

    func append(_ record: [String: Double]) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let line = Array(try encoder.encode(record)) + [UInt8(ascii: "\n")]
        do {
            try descriptor.writeAll(line)
        } catch let errno as Errno {
            throw FileError(.write, path, errno)
        }
    }

    func close() {
        try? descriptor.close()
    }
}
