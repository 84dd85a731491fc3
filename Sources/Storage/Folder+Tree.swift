import CLibrary
import SystemPackage

extension Folder {
    /// The files in the folder and in all folders below it that are wanted, in the order of their paths' bytes.
    ///
    /// Hidden ones, whose names begin with a full stop, and folders below that this program made (``RunParameters``), are
    /// passed over. Links to files count as files; links to folders are not followed, because they may lead round in a
    /// circle.
    ///
    /// - Throws: ``FileError`` with `illegalByteSequence` for a wanted file whose path is not UTF-8.
    public func files(where isWanted: (FilePath) -> Bool) throws(FileError) -> [FilePath] {
        var files: [FilePath] = []
        try collect(&files, where: isWanted)
        return files.sorted { $0.string.utf8.lexicographicallyPrecedes($1.string.utf8) }
    }

    private func collect(_ files: inout [FilePath], where isWanted: (FilePath) -> Bool) throws(FileError) {
        for name in try entries() where !name.string.hasPrefix(".") {
            let entry = path.appending(name)
            if Folder(entry).isFolderItself {
                if RunParameters.areBound(to: entry) { continue }
                try Folder(entry).collect(&files, where: isWanted)
            } else if isWanted(entry), !Folder(entry).exists {
                // Elsewhere, paths are text: it would lead to another file.
                guard String(validating: entry) != nil else { throw FileError(.open, entry, .illegalByteSequence) }
                files.append(entry)
            }
        }
    }

    /// Whether the path is that of a folder, and not of a link to one.
    var isFolderItself: Bool {
        var status = stat()
        return path.withPlatformString { lstat($0, &status) } == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}
