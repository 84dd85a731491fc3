import Storage
import SystemPackage

/// The documents of UTF-8 text files, one file after the other, in constant memory; gzip and zstd files are
/// decompressed.
///
/// In a file whose name ends in `.jsonl`, `.ndjson` or `.json` (or one of these and `.gz`, `.zst`) each line is a JSON
/// object, whose member `text` is a document. In one whose name ends in `.fa`, `.fasta` or `.fna` each record of FASTA is one. In all
/// others a document ends at a blank line (nothing, or ASCII whitespace alone) and at the end of its file. Lines end with LF or
/// CR LF; a byte order mark at the start of a file is skipped. Bytes that are not UTF-8 are passed on as they are, for
/// the tokenizer reads them as U+FFFD; ``counts`` says that there were some, since they often mean that a whole file is in
/// another encoding.
public struct DocumentReader {
    private enum Content {
        case lines(LineReader)
        case objects(JSONLines<TextRecord>)
        case records(FASTARecords)
    }

    /// Counts of the text that has been read so far, without tokens.
    public private(set) var counts = TextCounts()

    private let chunkSize: Int
    private let badLines: BadLines
    private var series: FileSeries
    private var content: Content?
    private var startsDocument = true
    /// Whether the line whose parts are being read has shown anything but whitespace.
    private var lineHasText = false

    /// Opens every file once, so that one that is missing is told before any work is done.
    public init(_ files: [FilePath], badLines: BadLines = .stop) throws(CorpusError) {
        try self.init(files, chunkSize: 1 << 16, badLines: badLines)
    }

    /// A chunk is passed on once it has `chunkSize` bytes (at least 8), or with its document's end. It holds less than
    /// three times that.
    package init(_ files: [FilePath], chunkSize: Int, badLines: BadLines = .stop) throws(CorpusError) {
        series = try FileSeries(files, orElse: "there is no text to read")
        self.chunkSize = chunkSize
        self.badLines = badLines
    }

    /// Goes on where another reader of the same files stood.
    init(_ files: [FilePath], badLines: BadLines, at position: ReadingPosition) throws(CorpusError) {
        try self.init(files, badLines: badLines)
        counts = position.counts
        (startsDocument, lineHasText) = (position.startsDocument, position.lineHasText)
        if let path = try series.goOn(at: position), let window = position.window {
            use(try LineReader(path, windowSize: chunkSize, at: window), of: path, at: position)
        }
    }

    var position: ReadingPosition {
        var position = ReadingPosition(
            openedFiles: series.openedFiles, startsDocument: startsDocument, lineHasText: lineHasText, counts: counts)
        switch content {
        case nil: break
        case .lines(let lines): position.window = lines.position
        case .objects(let objects): position.window = objects.position
        case .records(let records):
            position.window = records.position
            (position.startsDocument, position.lineHasText) = (records.startsRecord, records.isInLine)
        }
        return position
    }

    public var files: [FilePath] { series.files }

    /// Bytes of all files together when the reader was made.
    public var totalBytes: UInt64 { series.totalBytes }

    /// The index of the file that the last chunk is of.
    var currentFile: Int { series.current }

    /// Bytes read so far, to compare with ``totalBytes``.
    public var bytesRead: UInt64 {
        switch content {
        case nil: series.bytesRead(ofCurrent: nil)
        case .lines(let lines): series.bytesRead(ofCurrent: lines.bytesRead)
        case .objects(let objects): series.bytesRead(ofCurrent: objects.bytesRead)
        case .records(let records): series.bytesRead(ofCurrent: records.bytesRead)
        }
    }

    /// The next chunk, nil after the last.
    public mutating func next() throws(CorpusError) -> DocumentChunk? {
        while true {
            if let chunk = try nextOfFile() { return chunk }
            content = nil
            guard let path = series.openNext() else { return nil }
            startsDocument = true
            use(try LineReader(path, windowSize: chunkSize), of: path)
        }
    }

    private mutating func use(_ lines: LineReader, of path: FilePath, at position: ReadingPosition? = nil) {
        switch ContentKind(of: path) {
        case .jsonLines: content = .objects(JSONLines(lines, of: path, badLines: badLines))
        case .records:
            let records =
                if let position {
                    FASTARecords(
                        lines, of: path, partSize: chunkSize, startsRecord: position.startsDocument,
                        isInLine: position.lineHasText)
                } else {
                    FASTARecords(lines, of: path, partSize: chunkSize)
                }
            content = .records(records)
        case .array, .text, .table, .other: content = .lines(lines)
        }
    }

    private mutating func nextOfFile() throws(CorpusError) -> DocumentChunk? {
        switch content {
        case nil: return nil
        case .lines(var lines):
            // Taken out while it changes, or its window would be copied.
            content = nil
            defer { content = .lines(lines) }
            return try nextLines(&lines)
        case .objects(var objects):
            content = nil
            defer { content = .objects(objects) }
            return try nextDocument(&objects)
        case .records(var records):
            content = nil
            defer { content = .records(records) }
            guard let part = try records.next() else { return nil }
            counts.bytes += part.letters.count
            return DocumentChunk(
                bytes: part.letters, startsDocument: part.startsRecord, hasLineBreaks: false, isOfRecord: true,
                file: series.currentPath, line: part.line)
        }
    }

    /// The next document of a file of JSON lines; nil at the file's end.
    private mutating func nextDocument(
        _ objects: inout JSONLines<TextRecord>
    ) throws(CorpusError) -> DocumentChunk? {
        while let line = try objects.next() {
            counts.add(line, file: series.current)
            guard let text = line.record?.text, !text.isEmpty else { continue }
            return DocumentChunk(
                bytes: Array(text.utf8), startsDocument: true, hasLineBreaks: true, isOfRecord: false,
                file: series.currentPath, line: line.number)
        }
        return nil
    }

    /// The next chunk of a text file; nil at the file's end.
    private mutating func nextLines(_ lines: inout LineReader) throws(CorpusError) -> DocumentChunk? {
        var bytes: [UInt8] = []
        var line = 0
        while true {
            guard let part = try lines.next() else {
                return bytes.isEmpty ? nil : chunk(bytes, line)
            }
            if !part.bytes.allSatisfy(isASCIIWhitespace) { lineHasText = true }
            if lineHasText {
                if bytes.isEmpty { line = part.line }
                bytes += part.bytes
            }
            let isBlank = part.endsLine && !lineHasText
            if part.endsLine { lineHasText = false }
            if isBlank {
                if !bytes.isEmpty { return chunk(bytes, line, endsDocument: true) }
                startsDocument = true
            } else if bytes.count >= chunkSize {
                return chunk(bytes, line)
            }
        }
    }

    private mutating func chunk(_ bytes: [UInt8], _ line: Int, endsDocument: Bool = false) -> DocumentChunk {
        defer { startsDocument = endsDocument }
        let chunk = DocumentChunk(
            bytes: bytes, startsDocument: startsDocument, hasLineBreaks: false, isOfRecord: false,
            file: series.currentPath, line: line)
        counts.bytes += bytes.count
        if String(validating: bytes, as: UTF8.self) == nil { noteInvalidLines(of: chunk) }
        return chunk
    }

    private mutating func noteInvalidLines(of chunk: DocumentChunk) {
        let lines = chunk.bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let invalidBytes = invalidByteCount(Array(line).span)
            if invalidBytes == 0 { continue }
            counts.invalidBytes += invalidBytes
            counts.invalidLines.add(file: series.current, line: chunk.line + index)
        }
    }
}
