import CLibrary
import FoundationEssentials
import SystemPackage

/// A claim that was there before.
///
/// Where the file system has locks, only a process that has locked the claim's file removes it, and a process that is alive
/// keeps it locked. So of several that find the claim of a dead process, one removes it, and no claim of a living one is
/// ever taken away.
struct PresentClaim {
    private enum Lock {
        case ours
        case theirs
        /// The file system has no locks, or we may not have one.
        case none
    }

    private let path: FilePath
    private let file: FileDescriptor
    private let lock: Lock
    private let contents: [UInt8]
    /// `nil` where a process has just made the file and not written its name yet.
    let holder: FileClaim.Holder?

    /// `nil` where there is no claim.
    init?(_ path: FilePath) throws(FileError) {
        self.path = path
        // NFS locks only files that may be written. Of others, the name can be read all the same.
        var descriptor = open(path.string, O_RDWR | O_CLOEXEC)
        if descriptor < 0, [EACCES, EPERM, EROFS].contains(errno) {
            descriptor = open(path.string, O_RDONLY | O_CLOEXEC)
        }
        if descriptor < 0 {
            if errno == ENOENT { return nil }
            throw FileError(.open, path, Errno(rawValue: errno))
        }
        let file = FileDescriptor(rawValue: descriptor)
        self.file = file
        lock =
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { .ours } else if errno == EWOULDBLOCK { .theirs } else {
                .none
            }
        do {
            contents = try perform(.read, on: path) {
                try Array(unsafeUninitializedCapacity: 4096) { buffer, count in
                    count = try file.read(fromAbsoluteOffset: 0, into: UnsafeMutableRawBufferPointer(buffer))
                }
            }
        } catch {
            FileClaim.unlock(file)
            throw error
        }
        holder = try? JSONDecoder().decode(FileClaim.Holder.self, from: Data(contents))
    }

    /// Whether the process that made the claim is known to have ended. Nothing is known of a process on another host. Of a
    /// process whose number says nothing here, because it runs in another container, only the lock tells.
    var isStale: Bool {
        guard let holder, holder.isOnThisHost else { return false }
        return switch lock {
        case .theirs: false
        case .ours: !holder.hasNumberHere || holder.isDead
        case .none: holder.hasNumberHere && holder.isDead
        }
    }

    /// Removes the claim, if it is still there.
    func remove() throws(FileError) {
        guard lock != .ours else {
            if isCurrent { unlink(path.string) }
            return
        }
        // Without locks, two processes may do so at once. The slower one must not remove the claim that the quicker one has
        // made meanwhile, so each looks at the claim that it took away, and puts it back if it is not the stale one.
        let aside = FilePath("\(path).\(getpid()).partial")
        guard rename(path.string, aside.string) == 0 else {
            if errno == ENOENT { return }
            throw FileError(.rename, path, Errno(rawValue: errno))
        }
        if try RandomAccessFile.contents(of: aside) != contents { link(aside.string, path.string) }
        unlink(aside.string)
    }

    func close() { FileClaim.unlock(file) }

    /// Whether the file is still the one that has the claim's name.
    private var isCurrent: Bool {
        var (own, named) = (stat(), stat())
        return fstat(file.rawValue, &own) == 0 && stat(path.string, &named) == 0
            && (own.st_dev, own.st_ino) == (named.st_dev, named.st_ino)
    }
}
