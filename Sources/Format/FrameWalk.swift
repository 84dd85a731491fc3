import CZstd
import Storage
import SystemPackage

/// Goes through a file frame by frame, as zstd does, and checks each frame's checksum.
struct FrameWalk {
    private let file: RandomAccessFile

    init(_ file: RandomAccessFile) {
        self.file = file
    }

    /// All frames that do not decompress; after a frame whose end cannot be found, nothing more is known.
    func faults() throws(ShardError) -> [ShardError] {
        var faults: [ShardError] = []
        var offset: UInt64 = 0
        while offset < file.count {
            let location = ErrorLocation(file: file.path.string, .byte(offset))
            guard let frame = try frame(at: offset) else {
                faults.append(ShardError(.blockCorrupt, "no whole zstd frame starts here", at: location))
                return faults
            }
            if let words = fault(of: frame) {
                faults.append(ShardError(.blockCorrupt, "zstd says: \(words)", at: location))
            }
            offset += UInt64(frame.count)
        }
        return faults
    }

    /// The bytes of the frame at `offset`, nil if it has no end.
    func frame(at offset: UInt64) throws(ShardError) -> [UInt8]? {
        var count = 1 << 20
        while true {
            let bytes = try reportingFileErrors { () throws(FileError) in try file.read(at: offset, count: count) }
            let size = bytes.withUnsafeBytes { ZSTD_findFrameCompressedSize($0.baseAddress, $0.count) }
            if ZSTD_isError(size) == 0, size > 0, size <= bytes.count { return Array(bytes[..<size]) }
            if UInt64(bytes.count) == file.count - offset || bytes.count < count { return nil }
            count *= 4
        }
    }

    /// What zstd says against a frame; nil if nothing.
    private func fault(of frame: [UInt8]) -> String? {
        guard let context = ZSTD_createDCtx() else { return "out of memory" }
        defer { ZSTD_freeDCtx(context) }
        var scratch = [UInt8](repeating: 0, count: ZSTD_DStreamOutSize())
        return frame.withUnsafeBytes { source in
            scratch.withUnsafeMutableBytes { scratch in
                var input = ZSTD_inBuffer(src: source.baseAddress, size: source.count, pos: 0)
                while true {
                    var output = ZSTD_outBuffer(dst: scratch.baseAddress, size: scratch.count, pos: 0)
                    let hint = ZSTD_decompressStream(context, &output, &input)
                    if ZSTD_isError(hint) != 0 { return String(cString: ZSTD_getErrorName(hint)) }
                    if hint == 0 { return nil }
                    if input.pos == input.size, output.pos < output.size { return "the frame ends early" }
                }
            }
        }
    }
}
