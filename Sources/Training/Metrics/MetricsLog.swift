import FoundationEssentials
import Storage
import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// `metrics.jsonl`: one JSON object a line, each with its `step`.
///
/// A line is one write: a killed run leaves whole lines, and at most the last one torn, which is cut when it continues.
struct MetricsLog: Sendable {
    static let fileName = "metrics.jsonl"

    private let path: FilePath
    private let descriptor: FileDescriptor

    /// Opens the log to append, without what was written after a checkpoint: that will be done again.
    ///
    /// - Parameter mark: where the log ended at the checkpoint, `nil` where the run begins anew.
    init(in folder: FilePath, continuingAt mark: Mark?) throws {
        path = folder.appending(Self.fileName)
        if Folder(folder).contains(Self.fileName) {
            let contents = try RandomAccessFile.contents(of: path)
            let before = contents.prefix(max(0, Int(clamping: mark?.byteCount ?? 0)))
            // Lines are looked at as well: somebody may have cut the file, or copied another here.
            let kept = before.split(separator: UInt8(ascii: "\n")).filter { line in
                let stamp = try? JSONDecoder().decode(Stamp.self, from: Data(line))
                guard let mark, let stamp else { return false }
                return stamp.step <= mark.step
            }.flatMap { Array($0) + [UInt8(ascii: "\n")] }
            if kept != contents { try DurableFile.write(kept, to: path) }
        }
        do {
            descriptor = try FileDescriptor.open(
                path, .writeOnly, options: [.append, .create, .closeOnExec],
                permissions: [.ownerReadWrite, .groupRead, .otherRead])
        } catch let errno as Errno {
            throw FileError(.open, path, errno)
        }
    }

    /// Where the log ended when a checkpoint was taken.
    struct Mark {
        let step: Int
        let byteCount: Int64
    }

    /// Bytes in the log.
    func byteCount() throws -> Int64 {
        do {
            return try descriptor.seek(offset: 0, from: .end)
        } catch let errno as Errno {
            throw FileError(.read, path, errno)
        }
    }

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
        let bytes = Array(try encoder.encode(line)) + [UInt8(ascii: "\n")]
        do {
            try descriptor.writeAll(bytes)
        } catch let errno as Errno {
            throw FileError(.write, path, errno)
        }
    }

    /// Writes what was appended through to the disk: a checkpoint follows that relies on it.
    func synchronize() throws {
        if fsync(descriptor.rawValue) != 0 { throw FileError(.synchronize, path, Errno(rawValue: errno)) }
    }

    func close() {
        try? descriptor.close()
    }
}
