import Storage
import SystemPackage

/// The distinct words of some text files, and how often each occurs.
struct WordCounts {
    private(set) var words = ByteStringTable()
    private(set) var counts: [Int] = []
    /// Occurrences of all words.
    private(set) var total = 0

    private static let chunkByteCount = 1 << 20

    /// Counts words as a tokeniser of this configuration would see them, in constant memory but for the words.
    ///
    /// - Parameter progress: is told the bytes read of all bytes.
    /// - Throws: `CancellationError` if interrupted.
    init(
        of files: [FilePath], splitter: WordSplitter, progress: (Int, Int) -> Void, isInterrupted: () -> Bool
    ) throws {
        let files = try files.map { try RandomAccessFile($0) }
        let byteCount = files.reduce(0) { $0 + Int($1.count) }
        var done = 0
        for file in files {
            var rest: [UInt8] = []
            var offset: UInt64 = 0
            while offset < file.count {
                if isInterrupted() { throw CancellationError() }
                let chunk = try file.read(at: offset, count: Self.chunkByteCount)
                if chunk.isEmpty { break }
                offset += UInt64(chunk.count)
                rest += chunk
                // Cut at a line's end, so that no word is cut; a line longer than a chunk waits for its end.
                if let end = rest.lastIndex(of: UInt8(ascii: "\n")) {
                    count(rest[...end], splitter)
                    rest.removeSubrange(...end)
                }
                done += chunk.count
                progress(done, byteCount)
            }
            count(rest[...], splitter)
        }
    }

    private mutating func count(_ text: ArraySlice<UInt8>, _ splitter: WordSplitter) {
        splitter.forEachWord(in: text.span) { word in
            guard let word else { return }
            let (index, isNew) = words.insert(word)
            if isNew { counts.append(0) }
            counts[index] += 1
            total += 1
        }
    }
}
