import CZstd

/// Makes zstd frames, one after another, with one context: cheap to reuse, not to be shared between threads.
package final class FrameCompressor {
    private let context: OpaquePointer

    package init(level: Int) {
        guard let context = ZSTD_createCCtx() else { preconditionFailure("out of memory") }
        self.context = context
        ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, Int32(level))
        ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
        ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 1)
    }

    deinit {
        ZSTD_freeCCtx(context)
    }

    /// One frame with the content's size and checksum. Each of `pieces`, which cover the content in order, gets zstd
    /// blocks of its own and so its own entropy tables: columns differ too much to share one.
    ///
    /// - Returns: The frame, and the bytes of it that each piece takes.
    package func compress(
        _ content: [UInt8], pieces: [Range<Int>]
    ) -> (frame: [UInt8], pieceSizes: [Int]) {
        ZSTD_CCtx_reset(context, ZSTD_reset_session_only)
        ZSTD_CCtx_setPledgedSrcSize(context, UInt64(content.count))
        let capacity = ZSTD_compressBound(content.count) + 64 * (pieces.count + 1)
        var pieceSizes: [Int] = []
        let frame = [UInt8](unsafeUninitializedCapacity: capacity) { frame, count in
            var output = ZSTD_outBuffer(dst: frame.baseAddress, size: capacity, pos: 0)
            content.withUnsafeBufferPointer { content in
                for piece in pieces {
                    let start = output.pos
                    defer { pieceSizes.append(output.pos - start) }
                    if piece.isEmpty { continue }
                    var input = ZSTD_inBuffer(
                        src: content.baseAddress.map { $0 + piece.lowerBound }, size: piece.count, pos: 0)
                    let isLast = piece.upperBound == content.count
                    let remaining = ZSTD_compressStream2(
                        context, &output, &input, isLast ? ZSTD_e_end : ZSTD_e_flush)
                    precondition(remaining == 0, "the bound of a frame's size was too small")
                }
            }
            count = output.pos
        }
        return (frame, pieceSizes)
    }
}
