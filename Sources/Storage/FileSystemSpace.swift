import CLibrary
import SystemPackage

/// The room on the file system that a path is on, or will be on.
public enum FileSystemSpace {
    /// Bytes that may still be written there; `nil` where the system does not tell.
    public static func freeByteCount(at path: FilePath) -> Int? {
        var place = path.lexicallyNormalized()
        while !place.isEmpty, !Folder(place).exists, place.removeLastComponent() {}
        var space = statvfs()
        guard statvfs(place.isEmpty ? "." : place.string, &space) == 0 else { return nil }
        return Int(clamping: UInt64(space.f_bavail) &* UInt64(space.f_frsize))
    }
}
