import CLibrary
import SystemPackage

/// Which folder a path leads to, so that one can tell later whether it still does.
public struct FolderIdentity: Sendable {
    public let path: FilePath
    private let device: UInt64
    private let inode: UInt64

    public init(of path: FilePath) throws(FileError) {
        var status = stat()
        if stat(path.string, &status) != 0 { throw FileError(.open, path, Errno(rawValue: errno)) }
        self.path = path
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
    }

    /// - Throws: ``FolderMoved`` where the path leads elsewhere or nowhere.
    public func check() throws(FolderMoved) {
        let now = try? FolderIdentity(of: path)
        if now?.device != device || now?.inode != inode { throw FolderMoved(path: path) }
    }

    /// Does work that needs the folder. If it fails because somebody has moved the folder, that is the error.
    public func whileWorking<Result>(_ body: () throws -> Result) throws -> Result {
        do { return try body() } catch {
            try check()
            throw error
        }
    }
}

/// Somebody moved the folder while this process worked in it. The files that are written next would lie in two folders.
public struct FolderMoved: ExplainedError {
    public let path: FilePath

    public var blame: Blame { .environment }
    public var problem: String { "somebody moved this folder while it was written to" }
    public var location: ErrorLocation? { ErrorLocation(file: path.string) }
    public var remedy: String { "Move it back and run the same command again to continue" }
}
