import JSON
import Storage
import SystemPackage

/// The record in a line of JSON lines.
protocol LineRecord {
    /// An example of a line, for people.
    static var example: String { get }

    init(_ object: JSONValue) throws(UnfitRecord)
}

/// The reason why an object is not a record, in words for people.
struct UnfitRecord: Error {
    let problem: String
}

extension JSONValue {
    func string(_ name: String) throws(UnfitRecord) -> String {
        guard let text = try optionalString(name) else { throw UnfitRecord(problem: "there is no \"\(name)\"") }
        return text
    }

    /// `nil` where the object has no such member.
    func optionalString(_ name: String) throws(UnfitRecord) -> String? {
        guard let value = self[name] else { return nil }
        if let text = value.text { return text }
        throw UnfitRecord(problem: "\"\(name)\" is \(value.summary), not a string")
    }
}

/// The lines of a file, each a JSON object; blank lines are skipped.
struct JSONLines<Record: LineRecord> {
    struct Line {
        /// From 1.
        let number: Int
        let byteCount: Int
        /// nil for a bad line, which is left out.
        var record: Record?
        var invalidBytes = 0
        var loneSurrogates = 0
    }

    private var lines: LineReader
    private let path: FilePath
    /// nil: bad lines end the reading, and nobody has a choice.
    private let badLines: BadLines?

    /// A longer line is bad: it is likelier a file without line breaks than a document.
    private static var longestLine: Int { 64 << 20 }

    init(_ lines: LineReader, of path: FilePath, badLines: BadLines? = nil) {
        self.lines = lines
        self.path = path
        self.badLines = badLines
    }

    var bytesRead: UInt64 { lines.bytesRead }
    var position: WindowPosition { lines.position }

    /// The next line that is not blank; nil at the end.
    mutating func next() throws(CorpusError) -> Line? {
        var bytes: [UInt8] = []
        var byteCount = 0
        while let part = try lines.next() {
            byteCount += part.bytes.count
            if byteCount <= Self.longestLine {
                bytes += part.bytes
            } else {
                // Of a line that is left out nothing is kept, however long it is.
                if badLines != .skip {
                    throw malformed("the line is longer than \(Self.longestLine >> 20) MiB", part.line)
                }
                bytes = []
            }
            guard part.endsLine else { continue }
            if byteCount > Self.longestLine { return Line(number: part.line, byteCount: byteCount) }
            if !bytes.allSatisfy(isASCIIWhitespace) { return try line(bytes, part.line) }
            bytes.removeAll(keepingCapacity: true)
            byteCount = 0
        }
        return nil
    }

    private func line(_ bytes: [UInt8], _ number: Int) throws(CorpusError) -> Line {
        var line = Line(number: number, byteCount: bytes.count)
        var value = try? JSONValue(parsing: bytes)
        if value == nil {
            // Broken bytes and surrogates are looked for only where reading failed, because nearly every line is whole.
            let repaired = RepairedLine(bytes)
            if badLines == nil, repaired.invalidBytes > 0 {
                throw CorpusError.notUTF8(ErrorLocation(file: path.string, .line(number)))
            }
            if badLines == nil, repaired.loneSurrogates > 0 {
                throw malformed("half of a surrogate pair stands alone", number)
            }
            if repaired.isChanged { value = try? JSONValue(parsing: repaired.bytes) }
            (line.invalidBytes, line.loneSurrogates) = (repaired.invalidBytes, repaired.loneSurrogates)
        }
        do throws(UnfitRecord) {
            guard let value else { throw UnfitRecord(problem: "not valid JSON") }
            if value.members == nil { throw UnfitRecord(problem: "the line is \(value.summary), not a JSON object") }
            line.record = try Record(value)
        } catch {
            if badLines != .skip { throw malformed(error.problem, number) }
        }
        return line
    }

    private func malformed(_ problem: String, _ line: Int) -> CorpusError {
        CorpusError(
            .malformedLine, problem, at: ErrorLocation(file: path.string, .line(line)),
            remedy: "Give one JSON object a line, as in \(Record.example)"
                + (badLines == nil ? "" : ", or have bad lines left out"))
    }
}

extension TextCounts {
    /// Takes in a line of the file `file`.
    mutating func add<Record>(_ line: JSONLines<Record>.Line, file: Int) {
        bytes += line.byteCount
        guard line.record != nil else { return skippedLines.add(file: file, line: line.number) }
        invalidBytes += line.invalidBytes
        if line.invalidBytes > 0 { invalidLines.add(file: file, line: line.number) }
        loneSurrogates.add(line.loneSurrogates, file: file, line: line.number)
    }
}
