import CZstd
import Storage
import SystemPackage

/// Goes through a file frame by frame, without a look at their contents, and checks each frame's checksum.
struct FrameWalk {
    /// RFC 8878, section 3.1.1.
    private static let magic: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD]

    private let file: RandomAccessFile
    private let decompressor = FrameDecompressor()

    init(_ file: RandomAccessFile) {
        self.file = file
    }

    /// Gives `report` all frames that do not decompress; after a frame whose end cannot be found, nothing more is known.
    func findFaults(_ report: (ShardError) -> Void) throws(ShardError) {
        var offset: UInt64 = 0
        while offset < file.count {
            let location = ErrorLocation(file: file.path.string, .byte(offset))
            guard let frame = try frame(at: offset) else {
                report(ShardError(.blockCorrupt, "no whole zstd frame starts here", at: location))
                return
            }
            if let words = fault(of: frame) {
                report(ShardError(.blockCorrupt, "zstd says: \(words)", at: location))
            }
            offset += UInt64(frame.count)
        }
    }

    /// The bytes of the frame at `offset`, nil if it has no end.
    func frame(at offset: UInt64) throws(ShardError) -> [UInt8]? {
        // Little at first: a file may consist of frames of eight bytes.
        var count = 1 << 12
        while true {
            let bytes = try reportingFileErrors { () throws(FileError) in try file.read(at: offset, count: count) }
            // A large file of another kind need not be read to its end.
            guard bytes.starts(with: Self.magic) || SkippableFrame.starts(bytes) else { return nil }
            let size = bytes.withUnsafeBytes { ZSTD_findFrameCompressedSize($0.baseAddress, $0.count) }
            if ZSTD_isError(size) == 0, size > 0, size <= bytes.count { return Array(bytes[..<size]) }
            if UInt64(bytes.count) == file.count - offset || bytes.count < count { return nil }
            count *= 4
        }
    }

    /// The fault of a frame; nil if there is none.
    private func fault(of frame: [UInt8]) -> String? {
        if SkippableFrame.starts(frame) { return nil }
        guard let size = FrameDecompressor.claimedSize(of: frame) else { return "the frame gives no content size" }
        do {
            try decompressor.decompress(frame, expecting: size)
            return nil
        } catch {
            switch error {
            case .corrupt(let words): return words
            case .wrongSize: return "the frame does not hold the \(size) bytes that it announces"
            }
        }
    }
}
