import CLibrary
import SystemPackage

/// A file open for reading at any offset.
///
/// Reads, not a memory map: a mapped file that shrinks under the reader kills the process, a read says so.
/// Reads carry their own offset, so any number of threads may share one value.
public final class RandomAccessFile: Sendable {
    public let path: FilePath
    /// Bytes in the file when it was opened.
    public let count: UInt64
    private let descriptor: FileDescriptor

    public init(_ path: FilePath) throws(FileError) {
        self.path = path
        // Without waiting for somebody to write, should it be a named pipe.
        let descriptor = try perform(.open, on: path) {
            try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .nonBlocking])
        }
        self.descriptor = descriptor
        var status = stat()
        if fstat(descriptor.rawValue, &status) != 0 {
            let error = FileError(.open, path, Errno(rawValue: errno))
            try? descriptor.close()
            throw error
        }
        let kind = status.st_mode & S_IFMT
        if kind != S_IFREG {
            try? descriptor.close()
            throw FileError(.open, path, kind == S_IFDIR ? .isDirectory : .illegalSeek)
        }
        count = UInt64(status.st_size)
    }

    deinit {
        try? descriptor.close()
    }

    /// Fills `buffer` from `offset` on; returns the bytes read, fewer only where the file ends.
    public func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
        let descriptor = descriptor
        return try perform(.read, on: path) {
            var filled = 0
            while filled < buffer.count {
                let part = try descriptor.read(
                    fromAbsoluteOffset: Int64(offset) + Int64(filled),
                    into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
                if part == 0 { break }
                filled += part
            }
            return filled
        }
    }

    /// The whole file.
    public static func contents(of path: FilePath) throws(FileError) -> [UInt8] {
        let file = try RandomAccessFile(path)
        return try file.read(at: 0, count: Int(file.count))
    }
}
