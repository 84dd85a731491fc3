import SystemPackage

/// Bytes that can be read at any offset: a file, or memory that stands in for one.
public protocol RandomAccessBytes: Sendable {
    /// The path that errors name.
    var path: FilePath { get }
    var count: UInt64 { get }

    /// Fills `buffer` from `offset` on; returns the bytes read, fewer only where the bytes end.
    func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int
}

extension RandomAccessFile: RandomAccessBytes {}

/// A file's bytes that are in memory already.
public struct BytesInMemory: RandomAccessBytes {
    public let path: FilePath
    private let bytes: [UInt8]

    public init(_ bytes: [UInt8], named path: FilePath = "memory") {
        self.bytes = bytes
        self.path = path
    }

    public var count: UInt64 { UInt64(bytes.count) }

    public func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
        guard offset < count else { return 0 }
        let part = bytes[Int(offset)...].prefix(buffer.count)
        part.withUnsafeBytes { buffer.copyMemory(from: $0) }
        return part.count
    }
}

extension RandomAccessBytes {
    /// Up to `count` bytes from `offset` on, fewer only where the bytes end.
    public func read(at offset: UInt64, count: Int) throws(FileError) -> [UInt8] {
        let available = offset < self.count ? Int(min(UInt64(count), self.count - offset)) : 0
        do {
            return try [UInt8](unsafeUninitializedCapacity: available) { buffer, filled in
                filled = try read(at: offset, into: UnsafeMutableRawBufferPointer(buffer))
            }
        } catch let error as FileError {
            throw error
        } catch {
            throw FileError(.read, path, .ioError)
        }
    }
}
