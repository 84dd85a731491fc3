import Storage
import SystemPackage

/// The bytes of a file from first to last; those of a gzip or zstd file decompressed, in constant memory.
///
/// The first bytes decide, not the name: no text begins with such a magic number. Compressed files may be several one after the
/// other, as `cat a.gz b.gz` makes them.
struct ByteStream {
    let file: RandomAccessFile
    private let decoder: (any StreamDecoder)?
    /// Where in the file `input` ends.
    private var offset: UInt64 = 0
    /// Compressed bytes, and how many of them the decoder has taken.
    private var input: [UInt8] = []
    private var taken = 0

    private static let inputSize = 1 << 16

    init(_ path: FilePath) throws(CorpusError) {
        file = try CorpusError.rethrowing(RandomAccessFile(path))
        let file = file
        let start = try CorpusError.rethrowing(file.read(at: 0, count: ForeignEncoding.magicLength))
        if let foreign = ForeignEncoding(start) { throw foreign.error(path) }
        let magic = Array(start.prefix(4))
        if GzipDecoder.reads(magic) {
            decoder = try GzipDecoder()
        } else if ZstandardDecoder.reads(magic) {
            decoder = try ZstandardDecoder()
        } else {
            decoder = nil
        }
    }

    var isCompressed: Bool { decoder != nil }

    /// Bytes of the file, as it lies on disk, that have been read.
    var bytesTaken: UInt64 { offset - UInt64(input.count - taken) }

    /// Makes the byte at `offset` the next one, where the file is not compressed.
    mutating func seek(to offset: UInt64) {
        precondition(!isCompressed)
        self.offset = offset
    }

    /// Up to `count` bytes, at least one before the end; none after it.
    mutating func read(_ count: Int) throws(CorpusError) -> [UInt8] {
        guard let decoder else { return try readFile(count) }
        var output = [UInt8](repeating: 0, count: count)
        while true {
            let step: (read: Int, written: Int)
            do {
                step = try decoder.decode(input[taken...], into: &output)
            } catch {
                throw damaged(error.reason)
            }
            taken += step.read
            if step.written > 0 {
                output.removeSubrange(step.written...)
                return output
            }
            guard step.read == 0 else { continue }
            // It has all there was and made nothing of it.
            input = try readFile(Self.inputSize)
            taken = 0
            if input.isEmpty {
                if decoder.isComplete { return [] }
                throw damaged("it ends in the middle")
            }
        }
    }

    private mutating func readFile(_ count: Int) throws(CorpusError) -> [UInt8] {
        let file = file
        let offset = offset
        let bytes = try CorpusError.rethrowing(file.read(at: offset, count: count))
        self.offset += UInt64(bytes.count)
        return bytes
    }

    private func damaged(_ reason: String) -> CorpusError {
        CorpusError(
            .damagedCompression, "the \(decoder?.name ?? "") data cannot be decompressed: \(reason)",
            at: ErrorLocation(file: file.path.string, .byte(bytesTaken)), remedy: "Compress or copy the file again")
    }
}

/// Takes compressed bytes, gives the original ones.
protocol StreamDecoder: AnyObject {
    /// The name of the format.
    var name: String { get }
    /// Whether the bytes taken so far end where the format says that they end.
    var isComplete: Bool { get }
    /// Takes from `input`, fills `output` from its start; nothing read and nothing written asks for more input.
    func decode(_ input: ArraySlice<UInt8>, into output: inout [UInt8]) throws(DamagedStream) -> (
        read: Int, written: Int
    )
}

/// The error of a decoder about bytes that are not in its format.
struct DamagedStream: Error {
    let reason: String
}
