import CLibrary
import SystemPackage

extension Folder {
    /// Copies a file into this folder under its own name, replacing a file that had that name.
    public func copy(_ file: FilePath) throws(FileError) {
        guard let name = file.lastComponent else { throw FileError(.open, file, .isDirectory) }
        let source = try RandomAccessFile(file)
        var copy = try DurableFile(replacing: path.appending(name))
        while copy.bytesWritten < source.count {
            let bytes = try source.read(at: copy.bytesWritten, count: Self.copiedAtOnce)
            if bytes.isEmpty { throw FileError(.read, file, .ioError) }
            try copy.write(bytes.span.bytes)
        }
        try copy.commit()
    }

    private static let copiedAtOnce = 1 << 22

    /// Whether there is a folder at the path.
    public var exists: Bool {
        var status = stat()
        return stat(path.string, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    public func contains(_ name: String) -> Bool {
        access(path.appending(name).string, F_OK) == 0
    }

    /// Removes a file from the folder, if it is there.
    public func removeFile(_ name: String) throws(FileError) {
        try removeEntry(path.appending(name))
    }

    /// Moves the folder, replacing nothing.
    public func move(to destination: FilePath) throws(FileError) {
        if rename(path.string, destination.string) != 0 {
            throw FileError(.rename, destination, Errno(rawValue: errno))
        }
        try Folder(destination.removingLastComponent()).synchronize()
    }

    /// Removes the folder with all that is in it. Of a link, only the link is removed. Nothing happens where there is no
    /// folder.
    public func remove() throws(FileError) {
        guard exists else { return }
        guard isFolderItself else { return try removeEntry(path) }
        for name in try names() {
            let entry = Folder(path.appending(name))
            if entry.isFolderItself { try entry.remove() } else { try removeEntry(entry.path) }
        }
        if rmdir(path.string) != 0 { throw FileError(.remove, path, Errno(rawValue: errno)) }
    }

    private func removeEntry(_ entry: FilePath) throws(FileError) {
        if unlink(entry.string) != 0, errno != ENOENT { throw FileError(.remove, entry, Errno(rawValue: errno)) }
    }
}
