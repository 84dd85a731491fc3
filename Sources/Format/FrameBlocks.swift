import CZstd

/// The zstd blocks of a frame: which of its bytes stand for which of its content (RFC 8878, 3.1.1.2).
enum FrameBlocks {
    struct Block: Hashable {
        /// Bytes of the frame, the block's header included.
        var frame: Range<Int>
        /// Bytes of the content.
        var content: Range<Int>
    }

    /// - Returns: nil if `frame` is not one whole frame.
    static func of(_ frame: [UInt8]) -> [Block]? {
        guard var offset = headerSize(of: frame), let context = ZSTD_createDCtx() else { return nil }
        defer { ZSTD_freeDCtx(context) }
        ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, 27)
        // One block's content is at most 128 KiB.
        var scratch = [UInt8](repeating: 0, count: 1 << 17)
        guard feed(context, frame[..<offset], into: &scratch) == 0 else { return nil }
        var blocks: [Block] = []
        var produced = 0
        var isLast = false
        while !isLast {
            guard let header = blockHeader(in: frame, at: offset), header.end <= frame.count,
                let count = feed(context, frame[offset..<header.end], into: &scratch)
            else { return nil }
            blocks.append(Block(frame: offset..<header.end, content: produced..<(produced + count)))
            produced += count
            offset = header.end
            isLast = header.isLast
        }
        return blocks
    }

    /// Decompresses all of `bytes` and returns the number of bytes that come out; nil where they are not of a frame.
    private static func feed(_ context: OpaquePointer, _ bytes: ArraySlice<UInt8>, into scratch: inout [UInt8]) -> Int?
    {
        bytes.withUnsafeBytes { source in
            scratch.withUnsafeMutableBytes { scratch in
                var input = ZSTD_inBuffer(src: source.baseAddress, size: source.count, pos: 0)
                var count = 0
                while true {
                    var output = ZSTD_outBuffer(dst: scratch.baseAddress, size: scratch.count, pos: 0)
                    if ZSTD_isError(ZSTD_decompressStream(context, &output, &input)) != 0 { return nil }
                    count += output.pos
                    if input.pos == input.size, output.pos < output.size { return count }
                    if output.pos == 0 { return nil }
                }
            }
        }
    }

    private static func blockHeader(in frame: [UInt8], at offset: Int) -> (end: Int, isLast: Bool)? {
        guard offset + 3 <= frame.count else { return nil }
        let bits = Int(frame[offset]) | Int(frame[offset + 1]) << 8 | Int(frame[offset + 2]) << 16
        // Of a block that repeats one byte, the size is that of its content.
        let repeatsOneByte = bits >> 1 & 3 == 1
        return (offset + 3 + (repeatsOneByte ? 1 : bits >> 3), bits & 1 == 1)
    }

    /// Bytes before the first block.
    private static func headerSize(of frame: [UInt8]) -> Int? {
        guard frame.count > 5 else { return nil }
        let descriptor = frame[4]
        let isSingleSegment = descriptor & 0x20 != 0
        let windowSize = isSingleSegment ? 0 : 1
        let dictionarySize = [0, 1, 2, 4][Int(descriptor & 3)]
        let contentSize = [isSingleSegment ? 1 : 0, 2, 4, 8][Int(descriptor >> 6)]
        let size = 5 + windowSize + dictionarySize + contentSize
        return size <= frame.count ? size : nil
    }
}
