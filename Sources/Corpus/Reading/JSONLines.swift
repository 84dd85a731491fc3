import FoundationEssentials
import Storage
import SystemPackage

/// The lines of a file, each a JSON object; blank lines are skipped.
struct JSONLines<Record: Decodable> {
    private var lines: LineReader
    private let path: FilePath
    /// What a line should look like, for people.
    private let example: String
    private let decoder = JSONDecoder()

    /// A longer line is refused: it is likelier a file without line breaks than a document.
    private static var longestLine: Int { 64 << 20 }

    init(_ lines: LineReader, of path: FilePath, example: String) {
        self.lines = lines
        self.path = path
        self.example = example
    }

    var bytesRead: UInt64 { lines.bytesRead }

    /// The next record and the number of its line; nil at the end.
    mutating func next() throws(CorpusError) -> (record: Record, line: Int)? {
        var bytes: [UInt8] = []
        while let part = try lines.next() {
            bytes += part.bytes
            if bytes.count > Self.longestLine {
                throw malformed("the line is longer than \(Self.longestLine >> 20) MiB", part.line)
            }
            guard part.endsLine else { continue }
            if bytes.allSatisfy(isASCIIWhitespace) {
                bytes.removeAll(keepingCapacity: true)
                continue
            }
            do {
                return (try decoder.decode(Record.self, from: Data(bytes)), part.line)
            } catch {
                throw malformed(explain(decodingError: error), part.line)
            }
        }
        return nil
    }

    private func malformed(_ problem: String, _ line: Int) -> CorpusError {
        CorpusError(
            .malformedLine, problem, at: ErrorLocation(file: path.string, .line(line)),
            remedy: "Give one JSON object a line, as in \(example)")
    }
}

/// What is wrong with JSON, in a few words.
func explain(decodingError error: any Error) -> String {
    switch error {
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
        let key = context.codingPath.map(\.stringValue).joined(separator: ".")
        return key.isEmpty ? context.debugDescription : "\(key): \(context.debugDescription)"
    case DecodingError.keyNotFound(let key, _):
        return "there is no \"\(key.stringValue)\""
    case DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty:
        return context.codingPath.map(\.stringValue).joined(separator: ".") + ": \(context.debugDescription)"
    default:
        return "not valid JSON"
    }
}
