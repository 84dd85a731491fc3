import Storage
import SystemPackage

/// The documents of UTF-8 text files, one file after the other, in constant memory; gzip and zstd files are read as what
/// they hold.
///
/// In a file whose name ends in `.jsonl`, `.ndjson` or `.json` (or one of these and `.gz`, `.zst`) each line is a JSON
/// object, whose member `text` is a document. In all others a document ends at a blank line (nothing, or ASCII whitespace alone) and at the end of its file. Lines end with LF or
/// CR LF; a byte order mark at the start of a file is skipped. Bytes that are not UTF-8 are passed on as they are, for
/// the tokenizer reads them as U+FFFD; ``counts`` says that there were some, since they often mean that a whole file is in
/// another encoding.
public struct DocumentReader {
    public let files: [FilePath]
    /// Bytes of all files together when the reader was made.
    public let totalBytes: UInt64
    /// What has been read so far, without tokens.
    public private(set) var counts = TextCounts()

    private let chunkSize: Int
    private let badLines: BadLines
    /// Bytes before each file, and of all together.
    private let starts: [UInt64]
    private var nextFile = 0
    private var reader: LineReader?
    /// Set instead of `reader` where the file is of JSON lines.
    private var jsonLines: JSONLines<TextRecord>?
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
        guard !files.isEmpty else {
            throw CorpusError(.noFiles, "there is no text to read", remedy: "Name at least one file", blame: .usage)
        }
        var starts: [UInt64] = [0]
        for path in files {
            let size = try CorpusError.rethrowing(RandomAccessFile(path).count)
            starts.append(starts[starts.count - 1] + size)
        }
        self.starts = starts
        self.files = files
        self.chunkSize = chunkSize
        self.badLines = badLines
        totalBytes = starts[files.count]
    }

    /// Goes on where another reader of the same files stood.
    init(_ files: [FilePath], badLines: BadLines, at position: ReadingPosition) throws(CorpusError) {
        try self.init(files, badLines: badLines)
        try position.check(among: files)
        counts = position.counts
        nextFile = position.openedFiles
        if let window = position.window, nextFile > 0 {
            let path = files[nextFile - 1]
            use(try LineReader(path, windowSize: chunkSize, at: window), of: path)
        }
        startsDocument = position.startsDocument
        lineHasText = position.lineHasText
    }

    var position: ReadingPosition {
        ReadingPosition(
            openedFiles: nextFile, window: reader?.position ?? jsonLines?.position, startsDocument: startsDocument,
            lineHasText: lineHasText, counts: counts)
    }

    /// The index of the file that the last chunk is of.
    var currentFile: Int { nextFile - 1 }

    /// Bytes read so far, to compare with ``totalBytes``.
    public var bytesRead: UInt64 {
        guard let current = reader?.bytesRead ?? jsonLines?.bytesRead else { return starts[nextFile] }
        return starts[nextFile - 1] + current
    }

    /// The next chunk, nil after the last.
    public mutating func next() throws(CorpusError) -> DocumentChunk? {
        while true {
            if let chunk = try jsonLines == nil ? nextLines() : nextRecord() { return chunk }
            guard try openNextFile() else { return nil }
        }
    }

    /// The next document of a file of JSON lines; nil at the file's end.
    private mutating func nextRecord() throws(CorpusError) -> DocumentChunk? {
        while let line = try jsonLines?.next() {
            counts.add(line, file: nextFile - 1)
            guard let text = line.record?.text, !text.isEmpty else { continue }
            return DocumentChunk(
                bytes: Array(text.utf8), startsDocument: true, hasLineBreaks: true, file: files[nextFile - 1],
                line: line.number)
        }
        return nil
    }

    /// The next chunk of a text file; nil at the file's end.
    private mutating func nextLines() throws(CorpusError) -> DocumentChunk? {
        var bytes: [UInt8] = []
        var line = 0
        while true {
            guard let part = try reader?.next() else {
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

    private mutating func openNextFile() throws(CorpusError) -> Bool {
        reader = nil
        jsonLines = nil
        guard nextFile < files.count else { return false }
        let path = files[nextFile]
        use(try LineReader(path, windowSize: chunkSize), of: path)
        nextFile += 1
        startsDocument = true
        return true
    }

    private mutating func use(_ lines: LineReader, of path: FilePath) {
        if ContentKind(of: path) == .jsonLines {
            jsonLines = JSONLines(lines, of: path, badLines: badLines)
        } else {
            reader = lines
        }
    }

    private mutating func chunk(_ bytes: [UInt8], _ line: Int, endsDocument: Bool = false) -> DocumentChunk {
        defer { startsDocument = endsDocument }
        let chunk = DocumentChunk(
            bytes: bytes, startsDocument: startsDocument, hasLineBreaks: false, file: files[nextFile - 1], line: line)
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
            counts.invalidLines.add(file: nextFile - 1, line: chunk.line + index)
        }
    }
}
