import CLibrary
import SystemPackage

/// A folder of a test's own, removed with its files when the test is done.
final class TemporaryFolder {
    let path: FilePath

    init() throws {
        var template = Array("/tmp/fast-electra-format-XXXXXX".utf8CString)
        let name = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
        }
        guard let name else { throw Errno(rawValue: errno) }
        path = FilePath(name)
    }

    func file(_ name: String) -> FilePath { path.appending(name) }

    /// Writes a file without waiting for the disk, since tests write thousands.
    func write(_ bytes: [UInt8], as name: String) throws {
        let file = try FileDescriptor.open(
            self.file(name), .writeOnly, options: [.create, .truncate], permissions: .ownerReadWrite)
        _ = try file.closeAfter { try file.writeAll(bytes) }
    }

    /// How many of the folder's files this process has open; 0 where the system does not say.
    var openFileCount: Int {
        (0..<1024).count { descriptor in
            var target = [CChar](repeating: 0, count: 4096)
            let count = readlink("/proc/self/fd/\(descriptor)", &target, target.count)
            let bytes = target.prefix(max(0, count)).map { UInt8(bitPattern: $0) }
            return String(decoding: bytes, as: UTF8.self).hasPrefix(path.string + "/")
        }
    }

    deinit {
        if let directory = opendir(path.string) {
            while let entry = readdir(directory) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                unlink(path.appending(name).string)
            }
            closedir(directory)
        }
        rmdir(path.string)
    }
}

func unlinkFile(_ path: FilePath) -> Bool { unlink(path.string) == 0 }
