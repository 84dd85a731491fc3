import Storage
import SystemPackage

/// The lines of one file, read through a window of fixed size.
struct LineReader {
    /// A line, or a part of one that is longer than the window.
    struct Part {
        /// With the line end, where it has one.
        let bytes: ArraySlice<UInt8>
        /// From 1.
        let line: Int
        let endsLine: Bool
    }

    private var stream: ByteStream
    private let windowSize: Int
    private var window: [UInt8] = []
    /// Bytes that the stream has given, decompressed.
    private var streamed: UInt64 = 0
    /// Where in the window the next line begins.
    private var used = 0
    private var line = 1
    private var isAtStart = true
    private var isAtEnd = false

    /// `windowSize` must be at least 8 bytes.
    init(_ path: FilePath, windowSize: Int) throws(CorpusError) {
        stream = try ByteStream(path)
        self.windowSize = windowSize
    }

    /// Opens the file where a reader with the same size of window stood.
    ///
    /// A compressed file is decompressed from its start up to there, by the same steps, so that the window is the same.
    ///
    /// - Throws: ``CorpusError`` of ``CorpusError/Kind/unusablePosition`` where no such reader can have stood.
    init(_ path: FilePath, windowSize: Int, at position: WindowPosition) throws(CorpusError) {
        try self.init(path, windowSize: windowSize)
        let unusable = CorpusError(
            .unusablePosition, "the place to go on from is not in the file", at: ErrorLocation(file: path.string),
            remedy: "Read the text from its start")
        let (end, isBeyond) = position.start.addingReportingOverflow(UInt64(clamping: position.count))
        guard !isBeyond, 0...4 * windowSize ~= position.count, 0...position.count ~= position.used,
            1..<1 << 60 ~= position.line
        else { throw unusable }
        if stream.isCompressed {
            while streamed < end {
                let bytes = try stream.read(windowSize)
                if bytes.isEmpty { throw unusable }
                streamed += UInt64(bytes.count)
                window += bytes
                window.removeFirst(max(0, window.count - position.count))
            }
        } else {
            stream.seek(to: position.start)
            window = try stream.read(position.count)
            streamed = position.start + UInt64(window.count)
        }
        guard streamed == end, window.count == position.count else { throw unusable }
        used = position.used
        line = position.line
        isAtStart = end == 0
        isAtEnd = position.isAtEnd
    }

    var position: WindowPosition {
        WindowPosition(
            start: streamed - UInt64(window.count), count: window.count, used: used, line: line, isAtEnd: isAtEnd)
    }

    /// Bytes of the file passed on so far; of a compressed file those that were needed for it.
    var bytesRead: UInt64 { stream.bytesTaken - (stream.isCompressed ? 0 : UInt64(window.count - used)) }

    /// A line of up to the window's size is one part; of a longer one the parts end before a space that a word follows,
    /// where there is any, else between two characters.
    mutating func next() throws(CorpusError) -> Part? {
        var searched = used
        while true {
            if let end = window[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                defer { line += 1 }
                return take(upTo: end + 1, endsLine: true)
            }
            if isAtEnd { return used < window.count ? take(upTo: window.count, endsLine: true) : nil }
            if window.count - used >= windowSize { return take(upTo: cut(), endsLine: false) }
            searched = window.count - used
            try fill()
        }
    }

    private mutating func take(upTo end: Int, endsLine: Bool) -> Part {
        defer { used = end }
        return Part(bytes: window[used..<end], line: line, endsLine: endsLine)
    }

    private mutating func fill() throws(CorpusError) {
        window.removeFirst(used)
        used = 0
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        repeat {
            let bytes = try stream.read(windowSize)
            isAtEnd = bytes.isEmpty
            window += bytes
            streamed += UInt64(bytes.count)
            // A decompressor may give a byte at a time.
        } while isAtStart && window.count < mark.count && !isAtEnd
        if isAtStart, window.starts(with: mark) { window.removeFirst(mark.count) }
        isAtStart = false
    }

    /// Where to end a part of a line that does not end in the window.
    ///
    /// The space goes with the word behind it: byte-level tokenizers make one token of the two.
    private func cut() -> Int {
        let last = window.count - 1
        for index in stride(from: last - 4, to: used, by: -1) where window[index] == UInt8(ascii: " ") {
            let (scalar, _) = decodeScalar(window.span, at: index + 1)
            if Unicode.Scalar(scalar)?.properties.isWhitespace == false { return index }
        }
        let space = window[(used + 1)...].lastIndex(where: isASCIIWhitespace)
        if let space { return space }
        // The last character may be incomplete: it goes to the next part. Four continuation bytes are not a character.
        let start = window.suffix(4).lastIndex { $0 & 0xC0 != 0x80 } ?? window.count
        return start > used ? start : window.count
    }
}

func isASCIIWhitespace(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || (9...13).contains(byte)
}
