import CZlib
import Storage

/// gzip (RFC 1952), one member after the other. Zeros may follow a member: tar and tapes fill their blocks with them.
final class GzipDecoder: StreamDecoder {
    let name = "gzip"
    private(set) var isComplete = false
    /// On the heap: zlib keeps the address.
    private let stream: UnsafeMutablePointer<z_stream>

    static func reads(_ magic: [UInt8]) -> Bool { magic.starts(with: [0x1F, 0x8B, 8]) }

    init() throws(CorpusError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // 15 is the largest window, and 16 asks for gzip's header and checksum.
        let status = inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else {
            throw CorpusError(
                .file, "zlib cannot start: \(Self.explain(status, stream))", remedy: "Free some memory",
                blame: .environment)
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    func decode(_ input: ArraySlice<UInt8>, into output: inout [UInt8]) throws(DamagedStream) -> (
        read: Int, written: Int
    ) {
        if input.isEmpty, isComplete { return (0, 0) }
        if isComplete {
            let padding = input.prefix { $0 == 0 }.count
            if padding > 0 { return (padding, 0) }
            inflateReset(stream)
            isComplete = false
        }
        let limit = Int(UInt32.max)
        let status = input.withUnsafeBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                stream.pointee.avail_in = UInt32(min(input.count, limit))
                stream.pointee.next_out = output.baseAddress
                stream.pointee.avail_out = UInt32(min(output.count, limit))
                return inflate(stream, Z_NO_FLUSH)
            }
        }
        let read = min(input.count, limit) - Int(stream.pointee.avail_in)
        let written = min(output.count, limit) - Int(stream.pointee.avail_out)
        switch status {
        // Z_BUF_ERROR: it needs more input, or more room.
        case Z_OK, Z_BUF_ERROR: break
        case Z_STREAM_END: isComplete = true
        default: throw DamagedStream(reason: Self.explain(status, stream))
        }
        return (read, written)
    }

    private static func explain(_ status: Int32, _ stream: UnsafeMutablePointer<z_stream>) -> String {
        stream.pointee.msg.map { String(cString: $0) } ?? "zlib's error \(status)"
    }
}
