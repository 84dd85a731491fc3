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
    /// Where in the window the next line begins.
    private var position = 0
    private var line = 1
    private var isAtStart = true
    private var isAtEnd = false

    /// `windowSize` must be at least 8 bytes.
    init(_ path: FilePath, windowSize: Int) throws(CorpusError) {
        stream = try ByteStream(path)
        self.windowSize = windowSize
    }

    /// Bytes of the file passed on so far; of a compressed file those that were needed for it.
    var bytesRead: UInt64 { stream.bytesTaken - (stream.isCompressed ? 0 : UInt64(window.count - position)) }

    /// A line of up to the window's size is one part; of a longer one the parts end before a space that a word follows,
    /// where there is any, else between two characters.
    mutating func next() throws(CorpusError) -> Part? {
        var searched = position
        while true {
            if let end = window[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                defer { line += 1 }
                return take(upTo: end + 1, endsLine: true)
            }
            if isAtEnd { return position < window.count ? take(upTo: window.count, endsLine: true) : nil }
            if window.count - position >= windowSize { return take(upTo: cut(), endsLine: false) }
            searched = window.count - position
            try fill()
        }
    }

    private mutating func take(upTo end: Int, endsLine: Bool) -> Part {
        defer { position = end }
        return Part(bytes: window[position..<end], line: line, endsLine: endsLine)
    }

    private mutating func fill() throws(CorpusError) {
        window.removeFirst(position)
        position = 0
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        repeat {
            let bytes = try stream.read(windowSize)
            isAtEnd = bytes.isEmpty
            window += bytes
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
        for index in stride(from: last - 4, to: position, by: -1) where window[index] == UInt8(ascii: " ") {
            let (scalar, _) = decodeScalar(window.span, at: index + 1)
            if Unicode.Scalar(scalar)?.properties.isWhitespace == false { return index }
        }
        let space = window[(position + 1)...].lastIndex(where: isASCIIWhitespace)
        if let space { return space }
        // The last character may be incomplete: it goes to the next part. Four continuation bytes are no character.
        let start = window.suffix(4).lastIndex { $0 & 0xC0 != 0x80 } ?? window.count
        return start > position ? start : window.count
    }
}

func isASCIIWhitespace(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || (9...13).contains(byte)
}
