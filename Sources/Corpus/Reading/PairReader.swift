import Storage
import SystemPackage

/// The pairs of texts of files, one file after the other; gzip and zstd files are decompressed.
///
/// In a file whose name ends in `.jsonl`, `.ndjson` or `.json` (or one of these and `.gz`, `.zst`) each line is a JSON object with `text`
/// and `text_pair`. In all others a line has two columns with a tab between. Blank lines are skipped.
struct PairReader {
    private enum Content {
        case records(JSONLines<PairRecord>)
        case rows(LineReader)
    }

    /// Counts of the text that has been read so far, without tokens.
    private(set) var counts = TextCounts()
    private let badLines: BadLines
    private var series: FileSeries
    private var content: Content?

    /// A longer row is bad, as a longer line of JSON is.
    private static let longestRow = 64 << 20

    /// Opens every file once, so that one that is missing is told before any work is done.
    init(_ files: [FilePath], badLines: BadLines = .stop) throws(CorpusError) {
        series = try FileSeries(files, orElse: "there are no pairs to read")
        self.badLines = badLines
    }

    /// Goes on where another reader of the same files stood.
    init(_ files: [FilePath], badLines: BadLines, at position: ReadingPosition) throws(CorpusError) {
        try self.init(files, badLines: badLines)
        counts = position.counts
        if let path = try series.goOn(at: position), let window = position.window {
            content = open(path, try LineReader(path, windowSize: 1 << 16, at: window))
        }
    }

    private func open(_ path: FilePath, _ lines: LineReader) -> Content {
        ContentKind(of: path) == .jsonLines
            ? .records(JSONLines(lines, of: path, badLines: badLines)) : .rows(lines)
    }

    var position: ReadingPosition {
        var position = ReadingPosition(openedFiles: series.openedFiles, counts: counts)
        switch content {
        case nil: break
        case .records(let records): position.window = records.position
        case .rows(let lines): position.window = lines.position
        }
        return position
    }

    /// The index of the file that the last pair is of.
    var currentFile: Int { series.current }

    /// Bytes of all files together when the reader was made.
    var totalBytes: UInt64 { series.totalBytes }

    /// Bytes read so far, to compare with ``totalBytes``.
    var bytesRead: UInt64 {
        switch content {
        case nil: series.bytesRead(ofCurrent: nil)
        case .records(let records): series.bytesRead(ofCurrent: records.bytesRead)
        case .rows(let lines): series.bytesRead(ofCurrent: lines.bytesRead)
        }
    }

    /// The next pair, nil after the last.
    mutating func next() throws(CorpusError) -> (first: String, second: String)? {
        while true {
            if let pair = try nextOfFile() { return pair }
            content = nil
            guard let path = series.openNext() else { return nil }
            content = open(path, try LineReader(path, windowSize: 1 << 16))
        }
    }

    private mutating func nextOfFile() throws(CorpusError) -> (first: String, second: String)? {
        switch content {
        case nil: return nil
        case .records(var records):
            // Taken out while it changes, or its window would be copied.
            content = nil
            defer { content = .records(records) }
            while let line = try records.next() {
                counts.add(line, file: series.current)
                if let record = line.record { return (record.text, record.pair) }
            }
            return nil
        case .rows(var lines):
            content = nil
            defer { content = .rows(lines) }
            return try nextRow(&lines)
        }
    }

    private mutating func nextRow(_ lines: inout LineReader) throws(CorpusError) -> (first: String, second: String)? {
        var bytes: [UInt8] = []
        var byteCount = 0
        while let part = try lines.next() {
            byteCount += part.bytes.count
            // Of a row that is too long nothing is kept, however long it is.
            if byteCount <= Self.longestRow { bytes += part.bytes } else { bytes = [] }
            guard part.endsLine else { continue }
            defer {
                bytes.removeAll(keepingCapacity: true)
                byteCount = 0
            }
            if byteCount <= Self.longestRow, bytes.allSatisfy(isASCIIWhitespace) { continue }
            counts.bytes += byteCount
            while let last = bytes.last, last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r") { bytes.removeLast() }
            let cells = bytes.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
            guard cells.count == 2 else {
                if badLines == .skip {
                    counts.skippedLines.add(file: series.current, line: part.line)
                    continue
                }
                throw malformed(byteCount, columns: cells.count, line: part.line)
            }
            let invalidBytes = invalidByteCount(bytes.span)
            if invalidBytes > 0 {
                counts.invalidBytes += invalidBytes
                counts.invalidLines.add(file: series.current, line: part.line)
            }
            return (String(decoding: cells[0], as: UTF8.self), String(decoding: cells[1], as: UTF8.self))
        }
        return nil
    }

    private func malformed(_ byteCount: Int, columns: Int, line: Int) -> CorpusError {
        CorpusError(
            .malformedLine,
            byteCount > Self.longestRow
                ? "the line is longer than \(Self.longestRow >> 20) MiB"
                : "the line has \(columns) \(columns == 1 ? "column" : "columns"), not two",
            at: series.location(line: line),
            remedy: "Put one tab between the two texts of a line, or have bad lines left out")
    }
}
