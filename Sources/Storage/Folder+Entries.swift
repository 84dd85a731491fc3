import CLibrary
import SystemPackage

extension Folder {
    /// Makes `name` in this folder another name of `file`, replacing what had that name; takes no space.
    ///
    /// Where the file system has no hard links, the bytes are copied.
    public func link(_ file: FilePath, as name: String) throws(FileError) {
        let target = path.appending(name)
        let temporary = path.appending(name + ".partial")
        unlink(temporary.string)
        guard Self.hardLink(file, temporary) else {
            return try DurableFile.write(try RandomAccessFile.contents(of: file), to: target)
        }
        if rename(temporary.string, target.string) != 0 {
            throw FileError(.rename, target, Errno(rawValue: errno))
        }
        // Renaming one name of a file onto another name of the same file leaves both.
        unlink(temporary.string)
    }

    private static func hardLink(_ file: FilePath, _ name: FilePath) -> Bool {
        CLibrary.link(file.string, name.string) == 0
    }

    /// Whether there is a folder at the path.
    public var exists: Bool {
        var status = stat()
        return stat(path.string, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    public func contains(_ name: String) -> Bool {
        access(path.appending(name).string, F_OK) == 0
    }

    /// Removes a file from the folder, if it is there.
    public func removeFile(_ name: String) {
        unlink(path.appending(name).string)
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
