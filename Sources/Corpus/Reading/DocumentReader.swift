import Storage
import SystemPackage

/// The documents of UTF-8 text files, one file after the other, in constant memory; gzip and zstd files are read as what
/// they hold.
///
/// In a file whose name ends in `.jsonl`, `.ndjson` or `.json` (or one of these and `.gz`, `.zst`) each line is a JSON
/// object, whose member `text` is a document. In all others a document ends at a blank line (nothing, or ASCII whitespace alone) and at the end of its file. Lines end with LF or
/// CR LF; a byte order mark at the start of a file is skipped. Bytes that are not UTF-8 are passed on as they are, for
/// the tokenizer reads them as U+FFFD; ``invalidText`` says that there were some, since they often mean that a whole file
/// is in another encoding.
public struct DocumentReader {
    /// Lines that are not valid UTF-8.
    public struct InvalidText: Sendable, Hashable {
        public internal(set) var lines: Int
        public let first: ErrorLocation
    }

    public let files: [FilePath]
    /// Bytes of all files together when the reader was made.
    public let totalBytes: UInt64
    public private(set) var invalidText: InvalidText?

    private let chunkSize: Int
    private var nextFile = 0
    private var reader: LineReader?
    /// Set instead of `reader` where the file is of JSON lines.
    private var jsonLines: JSONLines<TextRecord>?
    private var bytesOfFinishedFiles: UInt64 = 0
    private var startsDocument = true
    /// Whether the line whose parts are being read has shown anything but whitespace.
    private var lineHasText = false

    /// Opens every file once, so that one that is missing is told before any work is done.
    public init(_ files: [FilePath]) throws(CorpusError) {
        try self.init(files, chunkSize: 1 << 16)
    }

    /// A chunk is passed on once it has `chunkSize` bytes (at least 8), or with its document's end. It holds less than
    /// three times that.
    package init(_ files: [FilePath], chunkSize: Int) throws(CorpusError) {
        guard !files.isEmpty else {
            throw CorpusError(.noFiles, "there is no text to read", remedy: "Name at least one file", blame: .usage)
        }
        var total: UInt64 = 0
        for path in files { total += try withFile { () throws(FileError) in try RandomAccessFile(path).count } }
        self.files = files
        self.chunkSize = chunkSize
        totalBytes = total
    }

    /// Bytes read so far, to compare with ``totalBytes``.
    public var bytesRead: UInt64 { bytesOfFinishedFiles + (reader?.bytesRead ?? jsonLines?.bytesRead ?? 0) }

    /// The next chunk, nil after the last.
    public mutating func next() throws(CorpusError) -> DocumentChunk? {
        while true {
            if let chunk = try jsonLines == nil ? nextLines() : nextRecord() { return chunk }
            guard try openNextFile() else { return nil }
        }
    }

    /// The next document of a file of JSON lines; nil at the file's end.
    private mutating func nextRecord() throws(CorpusError) -> DocumentChunk? {
        while let (record, line) = try jsonLines?.next() {
            if record.text.isEmpty { continue }
            return DocumentChunk(
                bytes: Array(record.text.utf8), startsDocument: true, hasLineBreaks: true, file: files[nextFile - 1],
                line: line)
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
        bytesOfFinishedFiles = bytesRead
        reader = nil
        jsonLines = nil
        guard nextFile < files.count else { return false }
        let path = files[nextFile]
        let lines = try LineReader(path, windowSize: chunkSize)
        if ContentKind(of: path) == .jsonLines {
            jsonLines = JSONLines(lines, of: path, example: #"{"text": "..."}"#)
        } else {
            reader = lines
        }
        nextFile += 1
        startsDocument = true
        return true
    }

    private mutating func chunk(_ bytes: [UInt8], _ line: Int, endsDocument: Bool = false) -> DocumentChunk {
        defer { startsDocument = endsDocument }
        let chunk = DocumentChunk(
            bytes: bytes, startsDocument: startsDocument, hasLineBreaks: false, file: files[nextFile - 1], line: line)
        if String(validating: bytes, as: UTF8.self) == nil { noteInvalidLines(of: chunk) }
        return chunk
    }

    private mutating func noteInvalidLines(of chunk: DocumentChunk) {
        let lines = chunk.bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() where String(validating: line, as: UTF8.self) == nil {
            let first = ErrorLocation(file: chunk.file.string, .line(chunk.line + index))
            invalidText = InvalidText(lines: (invalidText?.lines ?? 0) + 1, first: invalidText?.first ?? first)
        }
    }
}

/// A line of JSON with a document.
private struct TextRecord: Decodable {
    let text: String
}
