import CLibrary
import SystemPackage

/// Keeps other processes out of a folder that this one writes to, until it is released or the process ends.
///
/// The system locks the folder. Where the file system has no locks, or where other machines do not see them, a
/// ``FolderClaim`` keeps the others out.
public final class FolderLock: Sendable {
    /// The folder that is locked.
    public let folder: FilePath
    private let descriptor: FileDescriptor
    private let identity: FolderIdentity
    private let claim: FolderClaim?

    /// - Throws: ``FolderInUse`` if another process holds it, ``FileError`` if the system cannot tell.
    public convenience init(_ folder: FilePath) throws {
        try self.init(folder, isShared: NetworkFileSystem.holds(folder)) { descriptor in
            flock(descriptor.rawValue, LOCK_EX | LOCK_NB) == 0 ? nil : Errno(rawValue: errno)
        }
    }

    /// - Parameters:
    ///   - isShared: whether other machines may have the folder, too.
    ///   - lock: asks the system for the lock without waiting; returns its error, `nil` if it grants the lock.
    package init(_ folder: FilePath, isShared: Bool, lock: (FileDescriptor) -> Errno?) throws {
        self.folder = folder
        let descriptor = try perform(.open, on: folder) {
            try FileDescriptor.open(folder, .readOnly, options: [.directory, .closeOnExec])
        }
        self.descriptor = descriptor
        do {
            identity = try FolderIdentity(of: folder)
            let isLocked = try Self.isGranted(folder) { lock(descriptor) }
            claim = isLocked && !isShared ? nil : try FolderClaim(on: folder)
        } catch {
            try? descriptor.close()
            throw error
        }
    }

    /// Whether the system grants the lock; `false` where the file system has no locks.
    private static func isGranted(_ folder: FilePath, _ lock: () -> Errno?) throws -> Bool {
        var answer = lock()
        while answer == .interrupted { answer = lock() }
        switch answer?.rawValue {
        case nil: return true
        case EWOULDBLOCK: throw FolderInUse(path: folder)
        // These errors say that there are no locks. Any other says that this lock failed.
        case ENOLCK, EOPNOTSUPP, ENOTSUP, ENOSYS: return false
        case let error?: throw FileError(.lock, folder, Errno(rawValue: error))
        }
    }

    /// Checks that the folder's path still leads to the folder that is locked.
    ///
    /// - Throws: ``FolderMoved``
    public func check() throws(FolderMoved) {
        try identity.check()
    }

    public func release() {
        claim?.release()
        try? descriptor.close()
    }
}

/// Another process is writing to the folder.
public struct FolderInUse: ExplainedError {
    public let path: FilePath
    /// The file by which the other process claims the folder, where there is one.
    public var claim: FilePath?
    /// The other process, and the host that it runs on, where they are known.
    public var holder: (process: Int32, host: String)?

    public var blame: Blame { .environment }

    public var problem: String {
        guard let holder else { return "another process is working in this folder" }
        return "process \(holder.process) on host \(holder.host) is working in this folder"
    }

    public var location: ErrorLocation? { ErrorLocation(file: path.string) }

    public var remedy: String {
        let wait = "Wait until it has ended, or name another folder"
        return claim.map { "\(wait). If that process is dead, remove \($0)" } ?? wait
    }
}
