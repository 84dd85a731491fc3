import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file written so that readers find either the whole of it or what was there before.
///
/// Bytes go to a sibling temporary file; ``commit()`` synchronises it to the disk, renames it into place and synchronises
/// the folder. A value that is dropped without a commit removes its temporary file.
public struct DurableFile: ~Copyable {
    public let path: FilePath
    private let temporaryPath: FilePath
    private let descriptor: FileDescriptor
    private var isCommitted = false
    public private(set) var bytesWritten: UInt64 = 0

    /// Opens `NAME.partial` beside `path`. A leftover of an interrupted run is overwritten.
    public init(replacing path: FilePath) throws(FileError) {
        self.path = path
        temporaryPath = FilePath(path.string + ".partial")
        let temporaryPath = temporaryPath
        descriptor = try perform(.open, on: path) {
            try FileDescriptor.open(
                temporaryPath, .writeOnly, options: [.create, .truncate, .closeOnExec],
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

    /// Makes what was written permanent under its final name.
    public consuming func commit() throws(FileError) {
        if fsync(descriptor.rawValue) != 0 {
            throw FileError(.synchronize, path, Errno(rawValue: errno))
        }
        if rename(temporaryPath.string, path.string) != 0 {
            throw FileError(.rename, path, Errno(rawValue: errno))
        }
        isCommitted = true
        try Folder(path.removingLastComponent()).synchronize()
    }

    deinit {
        try? descriptor.close()
        if !isCommitted { unlink(temporaryPath.string) }
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
