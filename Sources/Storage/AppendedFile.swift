import CLibrary
import SystemPackage

/// A file that grows at its end. Each append is one write, so that a kill tears at most the last one.
package struct AppendedFile: Sendable {
    private let path: FilePath
    private let descriptor: FileDescriptor

    /// Opens the file, which is made where it is missing.
    package init(_ path: FilePath) throws(FileError) {
        self.path = path
        descriptor = try perform(.open, on: path) {
            try FileDescriptor.open(
                path, .writeOnly, options: [.append, .create, .closeOnExec],
                permissions: [.ownerReadWrite, .groupRead, .otherRead])
        }
    }

    package func append(_ bytes: [UInt8]) throws(FileError) {
        _ = try perform(.write, on: path) { try descriptor.writeAll(bytes) }
    }

    package func byteCount() throws(FileError) -> Int64 {
        try perform(.read, on: path) { try descriptor.seek(offset: 0, from: .end) }
    }

    /// Leaves the first `length` bytes.
    package func cut(to length: Int) throws(FileError) {
        if ftruncate(descriptor.rawValue, off_t(length)) != 0 {
            throw FileError(.write, path, Errno(rawValue: errno))
        }
    }

    /// Writes the appended bytes through to the disk, because a checkpoint follows that relies on them.
    package func synchronize() throws(FileError) {
        if fsync(descriptor.rawValue) != 0 { throw FileError(.synchronize, path, Errno(rawValue: errno)) }
    }

    package func close() {
        try? descriptor.close()
    }
}
