import CZstd

/// Opens zstd frames, one after another, with one context: cheap to reuse, not to be shared between threads.
package final class FrameDecompressor {
    private let context: OpaquePointer
    package private(set) var content: [UInt8] = []

    package init() {
        guard let context = ZSTD_createDCtx() else { preconditionFailure("out of memory") }
        self.context = context
        // A frame names the window it needs. Ours needs no more than its content; 2^27 is zstd's own limit.
        ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, 27)
    }

    deinit {
        ZSTD_freeDCtx(context)
    }

    package enum Failure: Error {
        /// zstd's own words.
        case corrupt(String)
        /// The content is longer or shorter than announced.
        case wrongSize
    }

    /// Decompresses one whole frame into ``content``.
    ///
    /// Memory grows with what has really been decompressed, not with what is claimed.
    package func decompress(_ frame: [UInt8], expecting size: Int) throws(Failure) {
        ZSTD_DCtx_reset(context, ZSTD_reset_session_only)
        let claimed = frame.withUnsafeBytes { ZSTD_getFrameContentSize($0.baseAddress, $0.count) }
        if claimed != UInt64(size) { throw .wrongSize }
        let start = min(size, max(1 << 16, 8 * frame.count))
        if content.count < start { content = [UInt8](repeating: 0, count: start) }
        var consumed = 0
        var produced = 0
        while true {
            let step = frame.withUnsafeBytes { source in
                content.withUnsafeMutableBytes { destination in
                    var input = ZSTD_inBuffer(src: source.baseAddress, size: source.count, pos: consumed)
                    var output = ZSTD_outBuffer(
                        dst: destination.baseAddress, size: min(destination.count, size), pos: produced)
                    let hint = ZSTD_decompressStream(context, &output, &input)
                    return (hint: hint, consumed: input.pos, produced: output.pos)
                }
            }
            if ZSTD_isError(step.hint) != 0 {
                throw .corrupt(String(cString: ZSTD_getErrorName(step.hint)))
            }
            let isStuck = step.consumed == consumed && step.produced == produced
            consumed = step.consumed
            produced = step.produced
            if step.hint == 0 { break }
            if produced == size, isStuck { throw .wrongSize }
            if produced < size, produced == content.count {
                content.append(contentsOf: repeatElement(0, count: min(size, 2 * content.count) - content.count))
            } else if isStuck {
                throw .corrupt("the frame ends early")
            }
        }
        if produced != size || consumed != frame.count { throw .wrongSize }
    }
}
