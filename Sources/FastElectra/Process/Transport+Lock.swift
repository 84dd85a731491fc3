import Ranks
import Storage
import SystemPackage

extension Transport {
    /// Makes the folder and locks it, which is the first rank's affair: the others have `nil`.
    func lock(_ folder: FilePath) throws -> FolderLock? {
        try together {
            guard isFirst else { return nil }
            try Folder(folder).create()
            return try FolderLock(folder)
        }
    }
}
