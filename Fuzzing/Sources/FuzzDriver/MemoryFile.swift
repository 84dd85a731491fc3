import CLibFuzzer
import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A file that is nowhere on a disk, for readers that want a path.
public final class MemoryFile: Sendable {
    public let path: FilePath
    private let descriptor: FileDescriptor

    public init(_ name: String) {
        let descriptor = memfd_create(name, 0)
        precondition(descriptor >= 0, "no file in memory: error \(errno)")
        self.descriptor = FileDescriptor(rawValue: descriptor)
        path = FilePath("/proc/self/fd/\(descriptor)")
    }

    /// Replaces the content of the file.
    public func write(_ bytes: UnsafeRawBufferPointer) {
        do {
            try descriptor.resize(to: 0)
            var rest = bytes
            while !rest.isEmpty {
                let written = try descriptor.write(toAbsoluteOffset: Int64(bytes.count - rest.count), rest)
                rest = UnsafeRawBufferPointer(rebasing: rest[written...])
            }
        } catch {
            preconditionFailure("cannot write to memory: \(error)")
        }
    }

    public func write(_ bytes: [UInt8]) { bytes.withUnsafeBytes { write($0) } }
}
