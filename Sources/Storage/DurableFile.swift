import CLibrary
import SystemPackage

/// A file written so that readers find either the whole of it or the file that was there before.
///
/// Bytes go to a sibling temporary file; ``commit()`` synchronizes it to the disk, renames it into place and synchronizes
/// the folder. A value that is dropped without a commit removes its temporary file, unless it was made to be continued.
public struct DurableFile: ~Copyable {
    public let path: FilePath
    private let temporaryPath: FilePath
    private let descriptor: FileDescriptor
    /// Whether the temporary file is of no use any more when the value is dropped.
    private var isTemporary: Bool
    public private(set) var bytesWritten: UInt64 = 0

    /// Opens `NAME.partial` beside `path`. A leftover of an interrupted run is overwritten.
    public init(replacing path: FilePath) throws(FileError) {
        let temporaryPath = Self.partialPath(of: path)
        descriptor = try Self.open(temporaryPath, of: path, [.truncate])
        self.path = path
        self.temporaryPath = temporaryPath
        isTemporary = true
    }

    /// Opens `NAME.partial` beside `path` to go on behind its first `length` bytes; the bytes behind them are cut off.
    /// Where the value is dropped without a commit, the temporary file stays for the next run to go on with.
    public init(continuing path: FilePath, after length: UInt64) throws(FileError) {
        let temporaryPath = Self.partialPath(of: path)
        let descriptor = try Self.open(temporaryPath, of: path, [])
        if ftruncate(descriptor.rawValue, off_t(length)) != 0 || lseek(descriptor.rawValue, off_t(length), SEEK_SET) < 0
        {
            let error = FileError(.write, path, Errno(rawValue: errno))
            try? descriptor.close()
            throw error
        }
        self.path = path
        self.temporaryPath = temporaryPath
        self.descriptor = descriptor
        isTemporary = false
        bytesWritten = length
    }

    /// Where the bytes of a file are until they are committed.
    public static func partialPath(of path: FilePath) -> FilePath {
        FilePath(path.string + ".partial")
    }

    private static func open(
        _ temporaryPath: FilePath, of path: FilePath, _ options: FileDescriptor.OpenOptions
    ) throws(FileError) -> FileDescriptor {
        try perform(.open, on: path) {
            try FileDescriptor.open(
                temporaryPath, .writeOnly, options: options.union([.create, .closeOnExec]),
                permissions: [.ownerReadWrite, .groupRead, .otherRead])
        }
    }

    public mutating func write(_ bytes: RawSpan) throws(FileError) {
        let descriptor = descriptor
        try perform(.write, on: path) {
            _ = try bytes.withUnsafeBytes { try descriptor.writeAll($0) }
        }
        bytesWritten += UInt64(bytes.byteCount)
    }

    public mutating func write(_ text: String) throws(FileError) {
        try write(Array(text.utf8).span.bytes)
    }

    /// Makes the written bytes permanent under the final name of the file.
    public consuming func commit() throws(FileError) {
        if fsync(descriptor.rawValue) != 0 {
            throw FileError(.synchronize, path, Errno(rawValue: errno))
        }
        if rename(temporaryPath.string, path.string) != 0 {
            throw FileError(.rename, path, Errno(rawValue: errno))
        }
        isTemporary = false
        try Folder(path.removingLastComponent()).synchronize()
    }

    deinit {
        try? descriptor.close()
        if isTemporary { unlink(temporaryPath.string) }
    }
}

extension DurableFile {
    /// Replaces the file at `path` with `text`.
    public static func write(_ text: String, to path: FilePath) throws(FileError) {
        var file = try DurableFile(replacing: path)
        try file.write(text)
        try file.commit()
    }

    /// Replaces the file at `path` with `bytes`.
    public static func write(_ bytes: [UInt8], to path: FilePath) throws(FileError) {
        var file = try DurableFile(replacing: path)
        try file.write(bytes.span.bytes)
        try file.commit()
    }
}

/// Runs `body`, naming the operation and the path if the system refuses.
func perform<Result>(
    _ operation: FileError.Operation, on path: FilePath, _ body: () throws -> Result
) throws(FileError) -> Result {
    do {
        return try body()
    } catch let errno as Errno {
        throw FileError(operation, path, errno)
    } catch {
        throw FileError(operation, path, .ioError)
    }
}
