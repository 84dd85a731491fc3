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
            guard let present = try PresentClaim(path) else { continue }
            defer { present.close() }
            guard present.isStale else { throw inUse(path, present.holder) }
            try present.remove()
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
        // Before the name is in the file: whoever can read the name finds the lock. Another process may have it for the moment
        // in which it looks. Where there are no locks, the name has to do.
        while flock(descriptor, LOCK_EX) != 0, errno == EINTR {}
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
    static func unlock(_ file: FileDescriptor) {
        _ = flock(file.rawValue, LOCK_UN)
        try? file.close()
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

    var isOnThisHost: Bool { host == Self.thisHost }

    /// Whether the process's number is one of those that this process sees. Claims of older builds do not say.
    var hasNumberHere: Bool { numbers == nil || numbers == Self.theseNumbers }

    /// Whether the process has ended. It must have a number here.
    var isDead: Bool {
        if kill(process, 0) != 0, errno == ESRCH { return true }
        guard let fields = Self.status(of: process) else { return false }
        // A zombie: it has ended, and its parent has not asked how. A process whose first thread alone has ended looks the same.
        if fields[0] == "Z" || fields[0] == "X", fields[Self.threadsField] == "1" || fields[Self.threadsField] == "0" {
            return true
        }
        guard let started, let now = UInt64(fields[Self.startField]) else { return false }
        return now != started
    }

    /// `nil` where the system has no such link.
    private static var theseNumbers: String? {
        var name = [CChar](repeating: 0, count: 64)
        guard readlink("/proc/self/ns/pid", &name, name.count - 1) > 0 else { return nil }
        return name.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    }

    private static var thisHost: String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "unknown" }
        return name.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    }

    private static func start(of process: Int32) -> UInt64? { status(of: process).flatMap { UInt64($0[startField]) } }

    /// The 22nd field of `/proc/PID/stat` (proc(5)), counted from the third, which is the state.
    private static let startField = 19
    private static let threadsField = 17

    /// The fields of `/proc/PID/stat` from the third on; `nil` where the system has no such file.
    private static func status(of process: Int32) -> [Substring]? {
        guard let text = ProcessFile.text(of: FilePath("/proc/\(process)/stat")) else { return nil }
        // The second field is a name in parentheses, and may contain spaces and parentheses.
        let fields = text.split(separator: ")").last?.split(separator: " ")
        guard let fields, fields.count > startField else { return nil }
        return fields
    }
}
