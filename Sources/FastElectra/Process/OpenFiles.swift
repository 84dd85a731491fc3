import Storage
import SystemPackage

/// The limit of open files (`ulimit -n`).
enum OpenFiles {
    /// Descriptors that generating opens at once: folder, lock, text, shards, and libdispatch's own. libdispatch ends the
    /// process where it finds none.
    private static let needed = 8

    /// Refuses work that has no room under the limit. To be called before work in `folder` begins.
    static func require(for folder: FilePath) throws {
        var open: [FileDescriptor] = []
        defer { for descriptor in open { try? descriptor.close() } }
        for _ in 0..<needed {
            guard let descriptor = try? FileDescriptor.open("/dev/null", .readOnly) else {
                throw FileError(.open, folder, .tooManyOpenFiles)
            }
            open.append(descriptor)
        }
    }
}
