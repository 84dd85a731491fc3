import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Keeps other processes out of a folder that this one writes to. It leaves no file behind, and ends with the process at the latest.
public final class FolderLock: Sendable {
    private let descriptor: FileDescriptor

    /// - Throws: ``FolderInUse`` if another process holds it.
    public init(_ folder: FilePath) throws {
        descriptor = try perform(.open, on: folder) {
            try FileDescriptor.open(folder, .readOnly, options: [.directory, .closeOnExec])
        }
        // File systems that know no locks (some network mounts) say something else, and are used without.
        if flock(descriptor.rawValue, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
            try? descriptor.close()
            throw FolderInUse(path: folder)
        }
    }

    public func release() {
        try? descriptor.close()
    }
}

/// Another process is writing to the folder.
public struct FolderInUse: ExplainedError {
    public let path: FilePath

    public var blame: Blame { .environment }
    public var problem: String { "another process is working in this folder" }
    public var location: ErrorLocation? { ErrorLocation(file: path.string) }
    public var remedy: String { "Wait until it has ended, or name another folder" }
}
