import Storage
import SystemPackage

/// The integers of a `.npy` file, read from first to last in constant memory.
struct NumPyArray {
    let header: NumPyHeader
    private let path: FilePath
    private var stream: ByteStream
    /// Bytes that have been read, and how many of them are used.
    private var window: [UInt8] = []
    private var position = 0
    /// Numbers used so far, and of all.
    private(set) var used = 0
    private let total: Int
    /// Where the numbers begin, in bytes.
    private let start: UInt64

    /// Numbers of a row that is read whole, at most; of a part of a stream.
    private static let longestRow = 1 << 24
    private static let partSize = 1 << 16
    private static let longestHeader = 1 << 16

    init(_ path: FilePath) throws(CorpusError) {
        self.path = path
        var stream = try ByteStream(path)
        var bytes: [UInt8] = []
        func malformed(_ problem: String, _ remedy: String = "Write it with numpy.save") -> CorpusError {
            CorpusError(.malformedArray, problem, at: ErrorLocation(file: path.string), remedy: remedy)
        }
        func read(_ count: Int) throws(CorpusError) -> ArraySlice<UInt8> {
            while bytes.count < count {
                let more = try stream.read(max(count - bytes.count, 4096))
                if more.isEmpty { throw malformed("the file ends in its header", "Copy the file again") }
                bytes += more
            }
            defer { bytes.removeFirst(count) }
            return bytes[..<count]
        }
        let prefix = Array(try read(NumPyHeader.prefixSize))
        guard prefix.starts(with: NumPyHeader.magic) else { throw malformed("this is not a .npy file") }
        guard let sizeWidth = NumPyHeader.sizeWidth(version: (prefix[6], prefix[7])) else {
            throw malformed("the file is of version \(prefix[6]).\(prefix[7]), known are 1.0, 2.0 and 3.0")
        }
        let size = Int(UInt32(littleEndianBytes: try read(sizeWidth)))
        guard size <= Self.longestHeader else { throw malformed("the header is said to have \(size) bytes") }
        let text = String(decoding: try read(size), as: UTF8.self)
        do {
            header = try NumPyHeader(parsing: text)
        } catch {
            throw malformed(
                "the array cannot be read: \(error.reason)",
                "Save whole numbers: numpy.save(path, numpy.ascontiguousarray(ids, dtype='<i4'))")
        }
        start = UInt64(NumPyHeader.prefixSize + sizeWidth + size)
        total = header.shape.reduce(1, *)
        if header.shape.count == 2, header.shape[1] > Self.longestRow {
            throw malformed(
                "rows of \(header.shape[1]) numbers are longer than any sequence",
                "Save one long text as one dimension")
        }
        window = bytes
        self.stream = stream
    }

    /// Passes over numbers, so that `used` of them have been. Nothing may have been read yet.
    mutating func skip(to used: Int) throws(CorpusError) {
        guard 0...total ~= used else {
            throw CorpusError(
                .unusablePosition, "the place to go on from is not in the array", at: ErrorLocation(file: path.string),
                remedy: "Read the ids from their start")
        }
        if stream.isCompressed {
            while self.used < used { _ = try read(min(Self.partSize, used - self.used)) }
        } else {
            stream.seek(to: start + UInt64(used * header.width))
            (window, position) = ([], 0)
            self.used = used
        }
    }

    var bytesRead: UInt64 { stream.bytesTaken - (stream.isCompressed ? 0 : UInt64(window.count - position)) }

    /// The next row, or part of a stream, as ids of `space`; nil at the end.
    mutating func next(_ space: TokenSpace) throws(CorpusError) -> TokenChunk? {
        guard used < total else {
            if position == window.count {
                window = try stream.read(1)
                position = 0
            }
            if position < window.count { throw damaged("bytes follow the array") }
            return nil
        }
        let isStream = header.shape.count == 1
        let count = isStream ? min(Self.partSize, total - used) : header.shape[1]
        let start = used
        let numbers = try read(count)
        let path = path
        func location(_ index: Int) -> ErrorLocation {
            ErrorLocation(
                file: path.string,
                .name(isStream ? "number \(start + index)" : "row \(start / count), column \(index)"))
        }
        return TokenChunk(
            ids: try space.checked(numbers, endsDocument: !isStream || used == total, at: location),
            startsDocument: !isStream || start == 0, isWhole: !isStream, location: location(0))
    }

    private mutating func read(_ count: Int) throws(CorpusError) -> [Int] {
        let size = count * header.width
        if window.count - position < size {
            window.removeFirst(position)
            position = 0
        }
        while window.count < size {
            let more = try stream.read(max(size - window.count, 1 << 16))
            if more.isEmpty {
                throw damaged("the file ends after \(used + window.count / header.width) of \(total) numbers")
            }
            window += more
        }
        var numbers: [Int] = []
        numbers.reserveCapacity(count)
        for start in stride(from: position, to: position + size, by: header.width) {
            numbers.append(number(window[start..<(start + header.width)]))
        }
        position += size
        used += count
        return numbers
    }

    /// A number too large for `Int` is told as the largest: it is out of range either way.
    private func number(_ bytes: ArraySlice<UInt8>) -> Int {
        let bits =
            header.isBigEndian ? UInt64(littleEndianBytes: bytes.reversed()) : UInt64(littleEndianBytes: bytes)
        guard header.isSigned else { return Int(clamping: bits) }
        let unused = 64 - 8 * header.width
        return Int(Int64(bitPattern: bits << UInt64(unused)) >> Int64(unused))
    }

    private func damaged(_ problem: String) -> CorpusError {
        CorpusError(
            .malformedArray, problem, at: ErrorLocation(file: path.string, .byte(bytesRead)),
            remedy: "Copy or save the file again")
    }
}
