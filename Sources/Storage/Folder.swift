import CLibrary
import SystemPackage

/// A folder on disk.
public struct Folder: Sendable, Hashable {
    public let path: FilePath

    public init(_ path: FilePath) {
        self.path = path.isEmpty ? "." : path
    }

    /// Makes the folder and those above it, where missing, so that they survive a power cut.
    public func create() throws(FileError) {
        try create { folder throws(FileError) in try folder.synchronize() }
    }

    /// - Parameter synchronize: writes the entries of a folder through to the disk.
    package func create(synchronizing synchronize: (Folder) throws(FileError) -> Void) throws(FileError) {
        var prefix = path
        prefix.components.removeAll()
        for component in path.components {
            prefix.append(component)
            guard try Folder(prefix).make() else { continue }
            do {
                try synchronize(Folder(prefix.removingLastComponent()))
            } catch  where error.errno == .permissionDenied {
                // A folder that may be written but not read cannot be synchronized.
            }
        }
        var status = stat()
        if stat(path.string, &status) != 0 { throw FileError(.createDirectory, path, Errno(rawValue: errno)) }
        if status.st_mode & S_IFMT != S_IFDIR { throw FileError(.createDirectory, path, .notDirectory) }
    }

    /// Makes the folder in one that is there already.
    ///
    /// - Returns: whether it was missing.
    @discardableResult public func make() throws(FileError) -> Bool {
        if mkdir(path.string, 0o777) == 0 { return true }
        if errno == EEXIST { return false }
        throw FileError(.createDirectory, path, Errno(rawValue: errno))
    }

    /// The names in the folder, sorted by their bytes; without `.` and `..`. Of a name that is not UTF-8, U+FFFD replaces the
    /// bytes that are not.
    public func names() throws(FileError) -> [String] {
        try entries().map(\.string).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// The names in the folder as they are, in no order; without `.` and `..`.
    func entries() throws(FileError) -> [FilePath.Component] {
        guard let directory = path.withPlatformString({ opendir($0) }) else {
            throw FileError(.list, path, Errno(rawValue: errno))
        }
        defer { closedir(directory) }
        var entries: [FilePath.Component] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CInterop.PlatformChar.self, capacity: 256) {
                    FilePath.Component(platformString: $0)
                }
            }
            if let name, name.kind == .regular { entries.append(name) }
        }
        return entries
    }

    /// Writes the folder's entries through to the disk, so that a rename survives a power cut.
    public func synchronize() throws(FileError) {
        let path = path
        let descriptor = try perform(.open, on: path) {
            try FileDescriptor.open(path, .readOnly, options: [.directory, .closeOnExec])
        }
        defer { try? descriptor.close() }
        // Some file systems (network mounts) cannot synchronize a folder and say EINVAL; there is nothing more to do.
        if fsync(descriptor.rawValue) != 0, errno != EINVAL {
            throw FileError(.synchronize, path, Errno(rawValue: errno))
        }
    }
}
