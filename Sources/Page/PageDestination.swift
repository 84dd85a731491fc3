import CLibrary
import Storage
import SystemPackage

/// Where a page goes. Nothing is replaced but an earlier page of its kind.
public enum PageDestination: Sendable, Hashable {
    /// `-`, or a path that standard output leads to.
    case standardOutput
    /// A path that has no content to lose: a device, a pipe. It is written to, not replaced.
    case device(FilePath)
    /// A file that is not there, or holds an earlier page.
    case file(FilePath)

    /// - Throws: ``NotAPage`` where something else than a page of this kind is, `FileError`.
    public init(_ path: FilePath, of kind: PageKind) throws {
        if path.string == "-" {
            self = .standardOutput
            return
        }
        var status = stat()
        guard stat(path.string, &status) == 0 else {
            if errno != ENOENT { throw FileError(.open, path, Errno(rawValue: errno)) }
            self = .file(path)
            return
        }
        var output = stat()
        if fstat(STDOUT_FILENO, &output) == 0, output.st_dev == status.st_dev, output.st_ino == status.st_ino {
            self = .standardOutput
            return
        }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: throw FileError(.open, path, .isDirectory)
        case S_IFREG:
            let start = try RandomAccessFile(path).read(at: 0, count: 4096)
            guard String(decoding: start, as: UTF8.self).contains(kind.marker) else {
                throw NotAPage(command: kind.command, path: path)
            }
            // The page that a link leads to is replaced, not the link.
            self = .file(path.resolved)
        default: self = .device(path)
        }
    }

    /// Writes the page. `write` is given the page where it goes to standard output.
    public func write(_ page: [UInt8], toStandardOutput write: ([UInt8]) throws -> Void) throws {
        switch self {
        case .standardOutput: try write(page)
        case .file(let path): try DurableFile.write(page, to: path)
        case .device(let path):
            do {
                let device = try FileDescriptor.open(path, .writeOnly, options: [.closeOnExec])
                try device.closeAfter { _ = try device.writeAll(page) }
            } catch let error as Errno {
                throw FileError(.write, path, error)
            }
        }
    }
}
