import Storage
import SystemPackage

/// The documents of files of ids, one file after the other; gzip and zstd files are read as what they hold.
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

    let files: [FilePath]
    let space: TokenSpace
    let totalBytes: UInt64
    private var nextFile = 0
    private var content: Content?
    private var bytesOfFinishedFiles: UInt64 = 0

    /// Opens every file once, so that one that is missing or of another kind is told before any work is done.
    init(_ files: [FilePath], space: TokenSpace) throws(CorpusError) {
        guard !files.isEmpty else {
            throw CorpusError(.noFiles, "there are no ids to read", remedy: "Name at least one file", blame: .usage)
        }
        self.files = files
        self.space = space
        var total: UInt64 = 0
        for path in files { total += try withFile { () throws(FileError) in try RandomAccessFile(path).count } }
        totalBytes = total
        for path in files { _ = try Self.open(path, space) }
    }

    var bytesRead: UInt64 {
        let current: UInt64 =
            switch content {
            case nil: 0
            case .records(let records): records.bytesRead
            case .names(let lines): lines.bytesRead
            case .array(let array): array.bytesRead
            }
        return bytesOfFinishedFiles + current
    }

    /// The next ids, nil after the last.
    mutating func next() throws(CorpusError) -> TokenChunk? {
        while true {
            if let chunk = try nextOfFile() { return chunk }
            bytesOfFinishedFiles = bytesRead
            content = nil
            guard nextFile < files.count else { return nil }
            content = try Self.open(files[nextFile], space)
            nextFile += 1
        }
    }

    private static func open(_ path: FilePath, _ space: TokenSpace) throws(CorpusError) -> Content {
        switch ContentKind(of: path) {
        case .jsonLines:
            let lines = try LineReader(path, windowSize: 1 << 16)
            return .records(JSONLines(lines, of: path, example: #"{"input_ids": [5, 6, 7]}"#))
        case .array:
            return .array(try NumPyArray(path))
        case .text:
            guard space.vocabulary != nil else {
                throw CorpusError(
                    .undefinedVocabulary("vocab.txt"), "the model's folder has no vocab.txt to look tokens up in",
                    at: ErrorLocation(file: path.string), remedy: "Put one there, or give ids as JSON lines or .npy")
            }
            return .names(try LineReader(path, windowSize: 1 << 16))
        case .other:
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
            guard let (record, line) = try records.next() else { return nil }
            let location = ErrorLocation(file: files[nextFile - 1].string, .line(line))
            return TokenChunk(
                ids: try space.checked(record.inputIDs, at: { _ in location }), startsDocument: true, isWhole: true,
                location: location)
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
            let location = ErrorLocation(file: files[nextFile - 1].string, .line(part.line))
            let numbers = try bytes.split(whereSeparator: isASCIIWhitespace).map { (name) throws(CorpusError) in
                if let id = vocabulary.id(of: Array(name).span) { return Int(id) }
                let name = String(decoding: name.prefix(100), as: UTF8.self)
                throw CorpusError(
                    .unknownToken(name), "the vocabulary lacks the token \"\(name)\"", at: location,
                    remedy:
                        "Tokenise with the model's vocabulary; \(vocabulary.specialTokens.unknown) may be written out")
            }
            return TokenChunk(
                ids: try space.checked(numbers, at: { _ in location }), startsDocument: true, isWhole: true,
                location: location)
        }
        return nil
    }
}

/// A line of JSON with ids.
private struct IDRecord: Decodable {
    let inputIDs: [Int]

    enum CodingKeys: String, CodingKey { case inputIDs = "input_ids" }
}
