import CLibrary
import SystemPackage

/// Keeps other processes out of a folder that this one writes to, until it is released or the process ends. Several processes
/// may hold a folder ``Holding/together``; each of them claims every file that it writes.
///
/// The system locks the folder. Where the file system has no locks, or where other machines do not see them, a
/// ``FileClaim`` keeps the others out.
public final class FolderLock: Sendable {
    /// The folder that is locked.
    public let folder: FilePath
    private let descriptor: FileDescriptor
    private let identity: FolderIdentity
    private let claim: FileClaim?
    private let holding: Holding

    /// Who else may hold the folder at the same time.
    public enum Holding: Sendable {
        /// Nobody.
        case alone
        /// Those who hold it together with others, too.
        case together
    }

    /// - Throws: ``FolderInUse`` if another process holds it, ``FileError`` if the system cannot tell.
    public convenience init(_ folder: FilePath, _ holding: Holding = .alone) throws {
        try self.init(folder, holding, isShared: NetworkFileSystem.holds(folder)) { descriptor in
            let operation = holding == .alone ? LOCK_EX : LOCK_SH
            return flock(descriptor.rawValue, operation | LOCK_NB) == 0 ? nil : Errno(rawValue: errno)
        }
    }

    /// - Parameters:
    ///   - isShared: whether other machines may have the folder, too.
    ///   - lock: asks the system for the lock without waiting; returns its error, `nil` if it grants the lock.
    package init(
        _ folder: FilePath, _ holding: Holding = .alone, isShared: Bool, lock: (FileDescriptor) -> Errno?
    ) throws {
        self.folder = folder
        self.holding = holding
        let descriptor = try perform(.open, on: folder) {
            try FileDescriptor.open(folder, .readOnly, options: [.directory, .closeOnExec])
        }
        self.descriptor = descriptor
        do {
            identity = try FolderIdentity(of: folder)
            let isLocked = try Self.isGranted(folder) { lock(descriptor) }
            claim = holding == .together || isLocked && !isShared ? nil : try FileClaim(onFolder: folder)
        } catch {
            Self.unlock(descriptor)
            throw error
        }
    }

    /// Closing alone is not enough: a process that another thread starts has a copy of the descriptor until it executes its
    /// program, and the lock lasts as long as the copy.
    private static func unlock(_ descriptor: FileDescriptor) {
        _ = flock(descriptor.rawValue, LOCK_UN)
        try? descriptor.close()
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

    /// Does work that only one of those who hold the folder may do at a time, and that takes moments. Waits while another one
    /// does so.
    ///
    /// - Throws: ``FolderInUse`` where the other one does not come to an end; it may hold the folder alone, on another machine.
    public func alone<Result>(waitingAtMost limit: Duration = .seconds(20), _ body: () throws -> Result) throws
        -> Result
    {
        if holding == .alone { return try body() }
        let start = ContinuousClock.now
        while true {
            do {
                let claim = try FileClaim(onFolder: folder)
                defer { claim.release() }
                return try body()
            } catch is FolderInUse where ContinuousClock.now - start < limit {
                usleep(20_000)
            }
        }
    }

    public func release() {
        claim?.release()
        Self.unlock(descriptor)
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
