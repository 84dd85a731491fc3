import CLibrary
import SystemPackage

extension FilePath {
    /// Where the path leads to, without links, `.` and `..`; the path itself where nothing is there, and where a folder on the
    /// way has a name that is not UTF-8.
    package var resolved: FilePath {
        guard let real = realpath(string, nil) else { return self }
        defer { free(real) }
        return String(validatingCString: real).map { FilePath($0) } ?? self
    }
}
