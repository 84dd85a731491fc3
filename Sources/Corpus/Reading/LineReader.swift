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

    let file: RandomAccessFile
    private let windowSize: Int
    private var window: [UInt8] = []
    /// Where in the window the next line begins.
    private var position = 0
    /// Where in the file the window ends.
    private var offset: UInt64 = 0
    private var line = 1
    private var isAtEnd = false

    /// `windowSize` must be at least 8 bytes.
    init(_ file: RandomAccessFile, windowSize: Int) {
        self.file = file
        self.windowSize = windowSize
    }

    /// Bytes of the file passed on so far.
    var bytesRead: UInt64 { offset - UInt64(window.count - position) }

    /// A line of up to the window's size is one part; of a longer one the parts end after ASCII whitespace where there
    /// is any, else between two characters.
    mutating func next() throws(FileError) -> Part? {
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

    private mutating func fill() throws(FileError) {
        window.removeFirst(position)
        position = 0
        let isStart = offset == 0
        let bytes = try file.read(at: offset, count: windowSize)
        offset += UInt64(bytes.count)
        isAtEnd = bytes.isEmpty
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        window += isStart && bytes.starts(with: mark) ? bytes.dropFirst(mark.count) : bytes[...]
    }

    /// Where to end a part of a line that does not end in the window.
    private func cut() -> Int {
        if let space = window[position...].lastIndex(where: isASCIIWhitespace) { return space + 1 }
        // The last character may be incomplete: it goes to the next part. Four continuation bytes are no character.
        let start = window.suffix(4).lastIndex { $0 & 0xC0 != 0x80 } ?? window.count
        return start > position ? start : window.count
    }
}

func isASCIIWhitespace(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || (9...13).contains(byte)
}
