import CZstd

/// Opens zstd frames, one after another, with one context: cheap to reuse, not to be shared between threads.
package final class FrameDecompressor {
    private let context: OpaquePointer
    /// The content of the frame decompressed last, and after it the rest of larger ones.
    package private(set) var content: [UInt8] = []

    package init() {
        guard let context = ZSTD_createDCtx() else { preconditionFailure("out of memory") }
        self.context = context
    }

    deinit {
        ZSTD_freeDCtx(context)
    }

    package enum Failure: Error {
        /// The fault of the frame, mostly in zstd's own words.
        case corrupt(String)
        /// The content is longer or shorter than announced.
        case wrongSize
    }

    /// Decompresses one whole frame into ``content``.
    ///
    /// The frame is opened in one piece, as streaming would have zstd allocate the window that the frame asks for: 128 MiB
    /// for a frame of 20 bytes. The room starts at twice the frame and doubles when it is really full, so it grows with
    /// the bytes that were decompressed, not with the claimed size.
    package func decompress(_ frame: [UInt8], expecting size: Int) throws(Failure) {
        try Self.check(frame)
        guard Self.claimedSize(of: frame) == size else { throw .wrongSize }
        let sparing = max(Self.leastRoom, 2 * frame.count)
        if content.count < min(size, sparing) { makeRoom(min(size, sparing)) }
        while true {
            let room = min(content.count, size)
            let produced = frame.withUnsafeBytes { source in
                content.withUnsafeMutableBytes { room in
                    ZSTD_decompressDCtx(
                        context, room.baseAddress, min(room.count, size), source.baseAddress, source.count)
                }
            }
            if ZSTD_isError(produced) == 0 {
                if produced != size { throw .wrongSize }
                return
            }
            guard ZSTD_getErrorCode(produced) == ZSTD_error_dstSize_tooSmall else {
                throw .corrupt(Self.words(produced))
            }
            if room == size { throw .wrongSize }
            makeRoom(min(size, 2 * room))
        }
    }

    /// The content size that a frame's header gives; nil if it gives none, or more than a block may have.
    static func claimedSize(of frame: [UInt8]) -> Int? {
        let claimed = frame.withUnsafeBytes { ZSTD_getFrameContentSize($0.baseAddress, $0.count) }
        // The codes for "none" and "no frame" are the largest integers.
        return claimed <= UInt64(BlockLayout.maximumByteCount) ? Int(claimed) : nil
    }

    /// Of less room than this nobody runs out; it saves small frames the second attempt.
    private static let leastRoom = 1 << 16

    /// The old array is given up first, so that it is not in memory beside the new one.
    private func makeRoom(_ count: Int) {
        content = []
        content = [UInt8](repeating: 0, count: count)
    }

    /// Refuses bytes that are not exactly one frame of RFC 8878 with a window within the format's limit.
    private static func check(_ frame: [UInt8]) throws(Failure) {
        // zstd may have been built with the decoders of its formats before 1.0, which nobody tests any more.
        guard frame.count > 5, frame.littleEndian(at: 0, as: UInt32.self) == ZSTD_MAGICNUMBER else {
            throw .corrupt("not a zstd frame")
        }
        let size = frame.withUnsafeBytes { ZSTD_findFrameCompressedSize($0.baseAddress, $0.count) }
        if ZSTD_isError(size) != 0 { throw .corrupt(words(size)) }
        if size != frame.count { throw .corrupt("the frame ends before its bytes do") }
        if windowSize(of: frame) > maximumWindowSize { throw .corrupt("the frame's window is above 2^27 bytes") }
    }

    /// zstd's own limit, of which readers that stream need this much memory.
    private static let maximumWindowSize: UInt64 = 1 << 27

    /// RFC 8878, 3.1.1.1: a frame that is a single segment has its content for a window, others describe it in byte 5.
    private static func windowSize(of frame: [UInt8]) -> UInt64 {
        if frame[4] & 0x20 != 0 { return UInt64(claimedSize(of: frame) ?? .max) }
        let base = UInt64(1) << (10 + UInt64(frame[5] >> 3))
        return base + base / 8 * UInt64(frame[5] & 7)
    }

    private static func words(_ code: Int) -> String { String(cString: ZSTD_getErrorName(code)) }
}
