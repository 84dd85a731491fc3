import CZstd
import Storage

/// zstd (RFC 8878), one frame after the other.
final class ZstandardDecoder: StreamDecoder {
    let name = "zstd"
    private(set) var isComplete = false
    private let context: OpaquePointer

    /// A frame, or a skippable one, which parallel compressors begin with.
    static func reads(_ magic: [UInt8]) -> Bool {
        guard magic.count == 4 else { return false }
        return magic == [0x28, 0xB5, 0x2F, 0xFD] || (magic[0] & 0xF0 == 0x50 && magic[1...] == [0x2A, 0x4D, 0x18])
    }

    init() throws(CorpusError) {
        guard let context = ZSTD_createDCtx() else {
            throw CorpusError(.file, "zstd cannot start", remedy: "Free some memory", blame: .environment)
        }
        self.context = context
    }

    deinit {
        ZSTD_freeDCtx(context)
    }

    /// The window is limited to 128 MiB, zstd's own default: a frame that asks for more is refused.
    func decode(_ input: ArraySlice<UInt8>, into output: inout [UInt8]) throws(DamagedStream) -> (
        read: Int, written: Int
    ) {
        if input.isEmpty, isComplete { return (0, 0) }
        var read = 0
        var written = 0
        let status = input.withUnsafeBytes { input in
            output.withUnsafeMutableBytes { output in
                var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
                var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
                defer {
                    read = source.pos
                    written = target.pos
                }
                return ZSTD_decompressStream(context, &target, &source)
            }
        }
        if ZSTD_isError(status) != 0 {
            throw DamagedStream(reason: String(cString: ZSTD_getErrorName(status)))
        }
        isComplete = status == 0
        return (read, written)
    }
}
