import CLibFuzzer

/// A shard of one block around a header and a content that may be anything, with every size and checksum right: so the
/// code behind the checksums is tested, and not the checksums again and again.
public struct ForgedShard {
    /// The header.
    public var json: [UInt8]
    /// The content of the block, decompressed.
    public var content: [UInt8]

    /// A fuzzer's input: the bytes of JSON (two, little-endian), the JSON, the content. Missing parts are empty.
    public init(_ input: UnsafeRawBufferPointer) {
        let size = input.count < 2 ? 0 : min(Int(input[0]) | Int(input[1]) << 8, input.count - 2)
        json = Array(input.dropFirst(2).prefix(size))
        content = Array(input.dropFirst(2 + size))
    }

    /// The header and the first block of a sound shard.
    public init(takingApart shard: [UInt8]) {
        func number(_ offset: Int) -> Int { (0..<4).reduce(0) { $0 | Int(shard[offset + $1]) << (8 * $1) } }
        let size = number(20)
        json = Array(shard[24..<(24 + size)])
        let frame = Array(shard[(28 + size)...])
        let capacity = Int(ZSTD_getFrameContentSize(frame, frame.count))
        let frameSize = ZSTD_findFrameCompressedSize(frame, frame.count)
        content = [UInt8](unsafeUninitializedCapacity: capacity) { content, count in
            count = ZSTD_decompress(content.baseAddress, capacity, frame, frameSize)
            precondition(count == capacity)
        }
    }

    /// The input that ``init(_:)`` makes this of.
    public var input: [UInt8] { [UInt8(json.count & 255), UInt8(json.count >> 8)] + json + content }

    /// The value of the index for the sources, if the columns are where they should be.
    private var source: UInt32 {
        func number(_ offset: Int) -> Int { (0..<4).reduce(0) { $0 | Int(content[offset + $1]) << (8 * $1) } }
        guard content.count >= 28, number(0) > 0, content.count >= 28 + 4 * number(0) else { return 0 }
        let (count, start) = (number(0), 28 + 2 * number(0))
        let sources = (0..<count).map { UInt32(content[start + $0]) | UInt32(content[start + count + $0]) << 8 }
        return sources.allSatisfy { $0 == sources[0] } ? sources[0] : .max
    }

    /// The bytes of the shard. The values of the index for the block are those of the content.
    public func assemble() -> [UInt8] {
        var shard = bytes(0x184D_2A50) + bytes(UInt32(json.count + 20)) + Array("HEADRACE".utf8)
        shard += bytes(0x1_0000) + bytes(UInt32(json.count)) + json
        let headerChecksum = checksum(of: shard)
        shard += bytes(headerChecksum)
        let frame = compressed(content)
        let nothing = bytes(0) + bytes(0x51D8_E999)
        let entry = bytes(UInt32(frame.count)) + bytes(UInt32(content.count)) + frame.suffix(4)
        var index = bytes(0x184D_2A50) + bytes(52) + Array("HRBLOCKS".utf8) + bytes(headerChecksum)
        index += bytes(1) + bytes(1) + entry + (content + [UInt8](repeating: 0, count: 12)).prefix(12)
        index += bytes(source)
        index += bytes(checksum(of: index))
        let entries = bytes(UInt32(shard.count)) + nothing + entry + bytes(UInt32(index.count)) + nothing
        shard += frame + index + bytes(0x184D_2A5E) + bytes(UInt32(entries.count + 9)) + entries
        return shard + bytes(3) + [0x80] + bytes(0x8F92_EAB1)
    }
}

private func compressed(_ content: [UInt8]) -> [UInt8] {
    let context = ZSTD_createCCtx()
    defer { ZSTD_freeCCtx(context) }
    ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, -5)
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
    let capacity = ZSTD_compressBound(content.count)
    return [UInt8](unsafeUninitializedCapacity: capacity) { frame, count in
        count = ZSTD_compress2(context, frame.baseAddress, capacity, content, content.count)
        precondition(ZSTD_isError(count) == 0)
    }
}

/// zlib's CRC-32, bit by bit: inputs are small.
private func checksum(of bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~UInt32(0)) { register, byte in
        (0..<8).reduce(register ^ UInt32(byte)) { rest, _ in rest & 1 == 1 ? 0xEDB8_8320 ^ rest >> 1 : rest >> 1 }
    }
}

private func bytes(_ number: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
}
