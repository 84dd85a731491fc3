import Storage
import SystemPackage

/// The documents of files of ids, one file after the other; gzip and zstd files are decompressed.
///
/// By the name of the file: JSON lines (`.jsonl`, `.ndjson`, `.json`) with `input_ids`, a document a line; an array of
/// NumPy (`.npy`), of which one dimension is one document and of two each row is one; or (`.txt`) the names of tokens with
/// spaces between, a document a line.
struct TokenReader {
    private enum Content {
        case records(JSONLines<IDRecord>)
        case names(LineReader)
        case array(NumPyArray)
    }

    let space: TokenSpace
    /// Counts of the text that has been read so far, without tokens.
    private(set) var counts = TextCounts()
    private let badLines: BadLines
    private var series: FileSeries
    private var content: Content?

    /// Opens every file once, so that one that is missing or of another kind is told before any work is done.
    init(_ files: [FilePath], space: TokenSpace, badLines: BadLines = .stop) throws(CorpusError) {
        series = try FileSeries(files, orElse: "there are no ids to read")
        self.space = space
        self.badLines = badLines
        for path in files { _ = try open(path) }
    }

    /// Goes on where another reader of the same files stood.
    init(_ files: [FilePath], space: TokenSpace, badLines: BadLines, at position: ReadingPosition) throws(CorpusError) {
        try self.init(files, space: space, badLines: badLines)
        counts = position.counts
        if let path = try series.goOn(at: position) { content = try open(path, at: position) }
    }

    var position: ReadingPosition {
        var position = ReadingPosition(openedFiles: series.openedFiles, counts: counts)
        switch content {
        case nil: break
        case .records(let records): position.window = records.position
        case .names(let lines): position.window = lines.position
        case .array(let array): position.numbers = array.used
        }
        return position
    }

    /// The index of the file that the last ids are of.
    var currentFile: Int { series.current }

    /// Bytes of all files together when the reader was made.
    var totalBytes: UInt64 { series.totalBytes }

    /// Bytes read so far, to compare with ``totalBytes``.
    var bytesRead: UInt64 {
        switch content {
        case nil: series.bytesRead(ofCurrent: nil)
        case .records(let records): series.bytesRead(ofCurrent: records.bytesRead)
        case .names(let lines): series.bytesRead(ofCurrent: lines.bytesRead)
        case .array(let array): series.bytesRead(ofCurrent: array.bytesRead)
        }
    }

    /// The next ids, nil after the last.
    mutating func next() throws(CorpusError) -> TokenChunk? {
        while true {
            if let chunk = try nextOfFile() { return chunk }
            content = nil
            guard let path = series.openNext() else { return nil }
            content = try open(path)
        }
    }

    /// - Parameter position: where to go on; the start where it says nothing of the file.
    private func open(_ path: FilePath, at position: ReadingPosition = ReadingPosition()) throws(CorpusError) -> Content
    {
        func lines() throws(CorpusError) -> LineReader {
            guard let window = position.window else { return try LineReader(path, windowSize: 1 << 16) }
            return try LineReader(path, windowSize: 1 << 16, at: window)
        }
        switch ContentKind(of: path) {
        case .jsonLines: return .records(JSONLines(try lines(), of: path, badLines: badLines))
        case .array:
            var array = try NumPyArray(path)
            if let numbers = position.numbers { try array.skip(to: numbers) }
            return .array(array)
        case .text:
            guard space.vocabulary != nil else {
                throw CorpusError(
                    .undefinedVocabulary("vocab.txt"), "the model's folder has no vocab.txt to look tokens up in",
                    at: ErrorLocation(file: path.string), remedy: "Put one there, or give ids as JSON lines or .npy")
            }
            return .names(try lines())
        case .table, .records, .other:
            throw CorpusError(
                .unknownFileType, "the file's name does not say what it holds", at: ErrorLocation(file: path.string),
                remedy:
                    "Name it .jsonl (lines with input_ids), .npy (integers) or .txt (tokens); .gz or .zst may follow",
                blame: .usage)
        }
    }

    /// The next ids of the open file, nil at its end.
    private mutating func nextOfFile() throws(CorpusError) -> TokenChunk? {
        switch content {
        case nil: return nil
        case .records(var records):
            // Taken out while it changes, or its window would be copied.
            content = nil
            defer { content = .records(records) }
            while let line = try records.next() {
                counts.add(line, file: series.current)
                guard let ids = line.record?.inputIDs else { continue }
                let location = series.location(line: line.number)
                return TokenChunk(
                    ids: try space.checked(ids, at: { _ in location }), startsDocument: true, isWhole: true,
                    location: location)
            }
            return nil
        case .names(var lines):
            content = nil
            defer { content = .names(lines) }
            return try nextNames(&lines)
        case .array(var array):
            content = nil
            defer { content = .array(array) }
            return try array.next(space)
        }
    }

    private func nextNames(_ lines: inout LineReader) throws(CorpusError) -> TokenChunk? {
        guard let vocabulary = space.vocabulary else { return nil }
        var bytes: [UInt8] = []
        while let part = try lines.next() {
            bytes += part.bytes
            guard part.endsLine else { continue }
            let location = series.location(line: part.line)
            let numbers = try bytes.split(whereSeparator: isASCIIWhitespace).map { (name) throws(CorpusError) in
                if let id = vocabulary.id(of: Array(name).span) { return Int(id) }
                let name = String(decoding: name.prefix(100), as: UTF8.self)
                throw CorpusError(
                    .unknownToken(name), "the vocabulary lacks the token \"\(name)\"", at: location,
                    remedy:
                        "Tokenize with the model's vocabulary; \(vocabulary.specialTokens.unknown) may be written out")
            }
            return TokenChunk(
                ids: try space.checked(numbers, at: { _ in location }), startsDocument: true, isWhole: true,
                location: location)
        }
        return nil
    }
}
