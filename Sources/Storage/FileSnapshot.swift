import CLibrary
import SystemPackage

/// How files looked at one moment, to tell later whether they have been changed, replaced or removed since.
///
/// It looks at sizes and times of modification: enough for the time that a process works, since whoever writes to a file sets
/// the time. Between two processes compare contents: copying and restoring files changes times as well.
public struct FileSnapshot: Sendable {
    private struct State: Sendable, Equatable {
        let device: UInt64
        let inode: UInt64
        let size: Int64
        let seconds: Int
        let nanoseconds: Int

        init(of path: FilePath) throws(FileError) {
            var status = stat()
            if stat(path.string, &status) != 0 { throw FileError(.open, path, Errno(rawValue: errno)) }
            device = UInt64(status.st_dev)
            inode = UInt64(status.st_ino)
            size = Int64(status.st_size)
            #if canImport(Darwin)
                let time = status.st_mtimespec
            #else
                let time = status.st_mtim
            #endif
            seconds = time.tv_sec
            nanoseconds = time.tv_nsec
        }
    }

    private let files: [(path: FilePath, state: State)]

    public init(of paths: [FilePath]) throws(FileError) {
        var files: [(path: FilePath, state: State)] = []
        for path in paths { files.append((path, try State(of: path))) }
        self.files = files
    }

    /// - Throws: ``FileChanged`` for the first file that is not as it was.
    public func check() throws(FileChanged) {
        for (path, state) in files {
            let now = try? State(of: path)
            if now != state { throw FileChanged(path: path, isGone: now == nil) }
        }
    }
}

/// An input has changed since the work on it began.
public struct FileChanged: ExplainedError {
    public let path: FilePath
    public let isGone: Bool

    public var blame: Blame { .environment }
    public var problem: String { isGone ? "this was removed while it was read" : "this was changed while it was read" }
    public var location: ErrorLocation? { ErrorLocation(file: path.string) }
    public var remedy: String {
        "Put the former file back and run the same command again to continue, or begin anew in another folder"
    }
}
