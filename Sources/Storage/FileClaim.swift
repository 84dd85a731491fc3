import CLibrary
import FoundationEssentials
import SystemPackage

/// A file by which a process claims a folder, or one file in it, where the system's locks do not serve.
///
/// Only one process can make the file (`O_EXCL`). It names the process, so that the next one can take over the claim of a
/// process that is dead, if that process ran on the same host. Containers on one host may not see each other's processes.
/// So the process also locks the file, where the file system has locks.
public struct FileClaim: Sendable {
    /// The claim of a whole folder.
    static let folderClaimName = "claim.json"
    /// The ending of the name of a file's claim.
    public static let ending = ".claim"

    /// A process, as a claim names it.
    struct Holder: Codable, Sendable, Hashable {
        var host: String
        var process: Int32
        /// When the process started, in ticks since the host did. Tells two processes of one number apart.
        var started: UInt64?
        /// The numbers of processes that the process belongs to, as Linux names them: `pid:[4026531836]`. Each container
        /// has its own.
        var numbers: String?
    }

    private let path: FilePath
    private let contents: [UInt8]
    /// The file, open and locked until the claim is released or the process ends.
    private let file: FileDescriptor

    /// Claims a file that this process is going to write.
    ///
    /// - Throws: ``FolderInUse`` if a process that may be alive has claimed it.
    public init(onFile file: FilePath) throws {
        try self.init(at: FilePath(file.string + Self.ending))
    }

    /// - Throws: ``FolderInUse`` if a process that may be alive has claimed the folder.
    init(onFolder folder: FilePath) throws {
        try self.init(at: folder.appending(Self.folderClaimName))
    }

    private init(at path: FilePath) throws {
        self.path = path
        contents = Array(try JSONEncoder().encode(Holder.current)) + [UInt8(ascii: "\n")]
        file = try Self.claim(path, contents)
    }

    /// Removes the file, if it is still ours.
    public func release() {
        if (try? Self.contents(of: path)) == contents { unlink(path.string) }
        Self.unlock(file)
    }

    private static func claim(_ path: FilePath, _ contents: [UInt8]) throws -> FileDescriptor {
        while true {
            if let file = try make(path, contents) { return file }
            guard let present = try Self.contents(of: path) else { continue }
            let holder = try? JSONDecoder().decode(Holder.self, from: Data(present))
            guard let holder, isStale(path, of: holder) else { throw inUse(path, holder) }
            try removeStale(path, present)
        }
    }

    /// - Returns: the file; `nil` where it was there before.
    private static func make(_ path: FilePath, _ contents: [UInt8]) throws(FileError) -> FileDescriptor? {
        let descriptor = open(path.string, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        if descriptor < 0 {
            if errno == EEXIST { return nil }
            throw FileError(.open, path, Errno(rawValue: errno))
        }
        let file = FileDescriptor(rawValue: descriptor)
        // Before the name is in the file: whoever can read the name finds the lock. Where there are no locks, the name has
        // to do.
        _ = flock(descriptor, LOCK_EX | LOCK_NB)
        do throws(FileError) {
            try perform(.write, on: path) {
                _ = try contents.withUnsafeBytes { try file.writeAll($0) }
            }
            if fsync(descriptor) != 0 { throw FileError(.synchronize, path, Errno(rawValue: errno)) }
        } catch {
            // A claim without a name would keep everybody out.
            unlink(path.string)
            unlock(file)
            throw error
        }
        return file
    }

    /// A process that another thread starts has a copy of the descriptor, and the lock lasts as long as the copy.
    private static func unlock(_ file: FileDescriptor) {
        _ = flock(file.rawValue, LOCK_UN)
        try? file.close()
    }

    /// Whether the process that made the claim is known to have ended. Nothing is known of a process on another host. Of a
    /// process with other numbers, only the lock of the file tells.
    private static func isStale(_ path: FilePath, of holder: Holder) -> Bool {
        guard holder.host == Holder.thisHost else { return false }
        if holder.numbers == Holder.theseNumbers { return holder.isDead }
        let descriptor = open(path.string, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return errno == ENOENT }
        defer { unlock(FileDescriptor(rawValue: descriptor)) }
        return flock(descriptor, LOCK_SH | LOCK_NB) == 0
    }

    /// Removes the claim of a dead process.
    ///
    /// Two processes may do so at once. The slower one must not remove the claim that the quicker one has made meanwhile, so
    /// each looks at the claim that it took away, and puts it back if it is not the stale one.
    private static func removeStale(_ path: FilePath, _ stale: [UInt8]) throws {
        let aside = FilePath("\(path).\(getpid()).partial")
        guard rename(path.string, aside.string) == 0 else {
            if errno == ENOENT { return }
            throw FileError(.rename, path, Errno(rawValue: errno))
        }
        let taken = try contents(of: aside)
        if taken != stale { rename(aside.string, path.string) } else { unlink(aside.string) }
    }

    private static func inUse(_ path: FilePath, _ holder: Holder?) -> FolderInUse {
        FolderInUse(path: path.removingLastComponent(), claim: path, holder: holder.map { ($0.process, $0.host) })
    }

    /// `nil` where there is no such file.
    private static func contents(of path: FilePath) throws(FileError) -> [UInt8]? {
        do {
            return try RandomAccessFile.contents(of: path)
        } catch {
            if error.errno == .noSuchFileOrDirectory { return nil }
            throw error
        }
    }
}

extension FileClaim.Holder {
    static var current: Self {
        Self(host: thisHost, process: getpid(), started: start(of: getpid()), numbers: theseNumbers)
    }

    /// Whether the process has ended. Its number must be one of ``theseNumbers`` on ``thisHost``.
    fileprivate var isDead: Bool {
        if kill(process, 0) != 0, errno == ESRCH { return true }
        guard let started, let now = Self.start(of: process) else { return false }
        return now != started
    }

    /// `nil` where the system has no such link.
    fileprivate static var theseNumbers: String? {
        var name = [CChar](repeating: 0, count: 64)
        guard readlink("/proc/self/ns/pid", &name, name.count - 1) > 0 else { return nil }
        return name.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    }

    fileprivate static var thisHost: String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "unknown" }
        return name.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    }

    /// The 22nd field of `/proc/PID/stat` (proc(5)); `nil` where the system has no such file.
    private static func start(of process: Int32) -> UInt64? {
        guard let text = ProcessFile.text(of: FilePath("/proc/\(process)/stat")) else { return nil }
        // The second field is a name in parentheses, and may contain spaces and parentheses.
        let fields = text.split(separator: ")").last?.split(separator: " ")
        guard let fields, fields.count > 19 else { return nil }
        return UInt64(fields[19])
    }
}
