import CLibrary
import SystemPackage

extension FilePath {
    /// Where the path leads to, without links, `.` and `..`; the path itself where nothing is there.
    package var resolved: FilePath {
        guard let real = realpath(string, nil) else { return self }
        defer { free(real) }
        return FilePath(String(cString: real))
    }
}
