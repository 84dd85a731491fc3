import FoundationEssentials
import Storage
import SystemPackage

/// `metrics.jsonl`: one JSON object a line, each with its `step`.
///
/// A line is one write: a killed run leaves whole lines, and at most the last one torn, which is cut when it continues.
struct MetricsLog: Sendable {
    static let fileName = "metrics.jsonl"

    private let file: AppendedFile

    /// Opens the log to append, without the lines that were written after a checkpoint, because those steps will be done again.
    ///
    /// - Parameter mark: where the log ended at the checkpoint, `nil` where the run begins anew.
    init(in folder: FilePath, continuingAt mark: Mark?) throws {
        let path = folder.appending(Self.fileName)
        if Folder(folder).contains(Self.fileName) {
            let contents = try RandomAccessFile.contents(of: path)
            let before = contents.prefix(max(0, Int(clamping: mark?.byteCount ?? 0)))
            // Lines are looked at as well: somebody may have cut the file, or copied another here. A damaged line stays, because
            // `report` names it, and somebody may mend it.
            let end =
                before.last == UInt8(ascii: "\n") ? before.endIndex : before.lastIndex(of: UInt8(ascii: "\n")) ?? 0
            let kept = before.prefix(upTo: end).split(separator: UInt8(ascii: "\n")).filter { line in
                guard let mark else { return false }
                let stamp = try? JSONDecoder().decode(Stamp.self, from: Data(line))
                return stamp.map { $0.step <= mark.step } ?? true
            }.flatMap { Array($0) + [UInt8(ascii: "\n")] }
            if kept != contents { try DurableFile.write(kept, to: path) }
        }
        file = try AppendedFile(path)
    }

    /// Where the log ended when a checkpoint was taken.
    struct Mark {
        let step: Int
        let byteCount: Int64
    }

    /// Bytes in the log.
    func byteCount() throws -> Int64 { try file.byteCount() }

    private struct Stamp: Decodable {
        let step: Int
    }

    private struct HealthLine: Encodable {
        let step: Int
        let health: HealthCause
        let message: String
    }

    func append(_ record: [String: Double]) throws {
        try append(encoding: record)
    }

    func append(_ finding: HealthFinding) throws {
        try append(encoding: HealthLine(step: finding.step, health: finding.cause, message: finding.message))
    }

    private func append(encoding line: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try file.append(Array(try encoder.encode(line)) + [UInt8(ascii: "\n")])
    }

    func synchronize() throws { try file.synchronize() }

    func close() { file.close() }
}
