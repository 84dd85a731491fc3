import SystemPackage

/// Where a reader stands among its files, between two chunks.
struct ReadingPosition: Codable, Hashable {
    /// The number of files that have been opened: the last of them is being read, unless it has come to its end.
    var openedFiles = 0
    /// Of lines of the file that is being read.
    var window: WindowPosition?
    /// Numbers used of the array that is being read.
    var numbers: Int?
    var startsDocument = true
    var lineHasText = false
    var counts = TextCounts()

    /// Refuses what no reader of the files can have said.
    func check(among files: [FilePath]) throws(CorpusError) {
        guard 0...files.count ~= openedFiles, counts.isPlausible else {
            throw CorpusError(
                .unusablePosition, "the place to go on from is in none of the files",
                remedy: "Read the text from its start")
        }
    }
}

/// Where a reader of lines stands in its file. What it has read ahead belongs to it: where a long line is cut depends on
/// what the window holds.
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
