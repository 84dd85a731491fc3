/// Where a reader stands among its files, between two chunks.
struct ReadingPosition: Codable, Hashable {
    /// The number of files that have been opened: the last of them is being read, unless it has come to its end.
    var openedFiles = 0
    /// Of lines of the file that is being read.
    var window: WindowPosition?
    /// Numbers used of the array that is being read.
    var numbers: Int?
    /// Whether the text that comes next begins a document or a record.
    var startsDocument = true
    /// Of a text whether the line that is being read has shown anything but whitespace; of FASTA whether a line is being read.
    var lineHasText = false
    var counts = TextCounts()

    /// Whether the reader stands inside of the file that was opened last.
    var isInFile: Bool { window != nil || numbers != nil }
}

/// Where a reader of lines stands in its file. The bytes that it has read ahead belong to it, because the place where a
/// long line is cut depends on the content of the window.
struct WindowPosition: Codable, Hashable {
    /// Where in the text, decompressed, the window begins.
    var start: UInt64
    /// Bytes of the window, and how many of them are used.
    var count: Int
    var used: Int
    /// The number of the next line, from 1.
    var line: Int
    var isAtEnd: Bool
}
