import SystemPackage

/// A system call on a file failed.
public struct FileError: ExplainedError {
    public enum Operation: String, Sendable {
        case open, read, write, synchronize, rename, remove, list, lock
        case createDirectory = "create directory"
    }

    public let operation: Operation
    public let path: FilePath
    public let errno: Errno

    public init(_ operation: Operation, _ path: FilePath, _ errno: Errno) {
        self.operation = operation
        self.path = path
        self.errno = errno
    }

    /// Something of another kind was named by mistake: not a file, or not a folder.
    public var blame: Blame { [.illegalSeek, .isDirectory, .notDirectory].contains(errno) ? .data : .environment }
    public var problem: String {
        errno == .illegalByteSequence ? "its name is not UTF-8" : "cannot \(operation.rawValue): \(errno)"
    }
    public var location: ErrorLocation? { ErrorLocation(file: path.string) }

    public var remedy: String {
        switch errno {
        case .noSuchFileOrDirectory: "Check the path"
        case .permissionDenied, .readOnlyFileSystem: "Check the permissions of the path and its folder"
        case .illegalByteSequence: "Rename it"
        case .noSpace, .diskQuotaExceeded: "Free some space and run the same command again"
        case .tooManyOpenFiles, .tooManyOpenFilesInSystem: "Raise the limit of open files (ulimit -n)"
        case .isDirectory: "Name a file, not a folder"
        case .notDirectory: "Name a folder, not a file"
        case .fileTooLarge: "Raise the limit of file sizes (ulimit -f) and run the same command again"
        case .illegalSeek: "Name a regular file: a pipe or a device cannot be read twice"
        default: "Remove the cause and run the same command again"
        }
    }
}
