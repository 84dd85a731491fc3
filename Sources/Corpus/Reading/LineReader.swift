import Storage
import SystemPackage

/// The lines of a file, one after another, in constant memory.
///
/// A line ends at a line feed, with or without a carriage return before it; a byte order mark at the file's start is no
/// part of it.
struct LineReader {
    let file: RandomAccessFile
    /// Bytes handed out as lines.
    private(set) var byteCount: UInt64 = 0
    private var buffer: [UInt8] = []
    /// Where the next line starts in the buffer.
    private var start = 0
    /// Where the bytes after the buffer start in the file.
    private var offset: UInt64 = 0

    private static let chunkByteCount = 1 << 18
    /// A line of more bytes is handed out in parts of about as many: a file without line feeds must not fill the memory.
    static let longestLine = 1 << 20

    init(_ file: RandomAccessFile) {
        self.file = file
    }

    /// The next line without its end; `nil` at the file's end.
    mutating func next() throws -> ArraySlice<UInt8>? {
        var searched = start
        while true {
            if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                return take(upTo: end, skipping: 1)
            }
            searched = buffer.count
            if buffer.count - start >= Self.longestLine { return take(upTo: wordEnd(), skipping: 0) }
            let unread = buffer.count - start
            let chunk = try file.read(at: offset, count: Self.chunkByteCount)
            if chunk.isEmpty { return unread > 0 ? take(upTo: buffer.count, skipping: 0) : nil }
            buffer.removeSubrange(..<start)
            (start, searched) = (0, searched - start)
            buffer += chunk
            if offset == 0, buffer.starts(with: [0xEF, 0xBB, 0xBF]) { (start, searched) = (3, max(3, searched)) }
            offset += UInt64(chunk.count)
        }
    }

    /// Behind the buffer's last space, so that no word is cut; its end if there is none.
    private func wordEnd() -> Int {
        (buffer[start...].lastIndex(of: UInt8(ascii: " ")) ?? buffer.count - 1) + 1
    }

    private mutating func take(upTo end: Int, skipping separator: Int) -> ArraySlice<UInt8> {
        var line = buffer[start..<end]
        if separator == 1, line.last == UInt8(ascii: "\r") { line.removeLast() }
        byteCount += UInt64(end + separator - start)
        start = end + separator
        return line
    }
}
