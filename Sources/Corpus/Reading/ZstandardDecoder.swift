import CZstd
import Storage

/// zstd (RFC 8878), one frame after the other.
///
/// A frame says how much of its text the decoder must keep at hand: its window. `zstd` keeps to 8 MiB at the usual levels, and
/// `zstd --long=31` asks for 2 GiB, the most there is. Reading takes up to that much memory.
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
        // zstd itself refuses windows above 2^27 bytes, unless it is told to take them.
        ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Self.largestWindowLog)
        self.context = context
    }

    private static let largestWindowLog: Int32 = MemoryLayout<Int>.size == 8 ? 31 : 30

    deinit {
        ZSTD_freeDCtx(context)
    }

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
            switch ZSTD_getErrorCode(status) {
            case ZSTD_error_frameParameter_windowTooLarge:
                throw DamagedStream(
                    reason: "its window is larger than 2^\(Self.largestWindowLog) bytes, the most that zstd writes")
            case ZSTD_error_memory_allocation:
                throw DamagedStream(
                    reason:
                        "there is no memory for its window. Compressed again at one of zstd's usual levels it needs less"
                )
            default: throw DamagedStream(reason: String(cString: ZSTD_getErrorName(status)))
            }
        }
        isComplete = status == 0
        return (read, written)
    }
}
