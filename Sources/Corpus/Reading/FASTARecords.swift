import Storage
import SystemPackage

/// The letters of one file of FASTA, record by record.
///
/// A record is a line that begins with `>` (its name follows) and all lines up to the next such line. Its letters are those of ASCII, `*` and
/// `-`; spaces and line ends between them do not count. Lines end with LF or CR LF.
struct FASTARecords {
    /// Letters of one record.
    struct Part {
        let letters: [UInt8]
        /// Whether they are the record's first.
        let startsRecord: Bool
        /// The number of the line with the first of them, from 1.
        let line: Int
    }

    private var lines: LineReader
    private let path: FilePath
    private let partSize: Int
    /// The line of the last record's header; nil before the first.
    private var header: Int?
    /// Whether no letter of the record has been seen.
    private(set) var startsRecord = false
    /// Whether the next part of a line goes on with a line.
    private(set) var isInLine = false

    /// A part has `partSize` letters at least, or ends with its record. It has less than three times that.
    init(_ lines: LineReader, of path: FilePath, partSize: Int) {
        self.lines = lines
        self.path = path
        self.partSize = partSize
    }

    /// Goes on behind a part.
    init(_ lines: LineReader, of path: FilePath, partSize: Int, startsRecord: Bool, isInLine: Bool) {
        self.init(lines, of: path, partSize: partSize)
        header = lines.position.line
        self.startsRecord = startsRecord
        self.isInLine = isInLine
    }

    var bytesRead: UInt64 { lines.bytesRead }
    var position: WindowPosition { lines.position }

    /// The next letters; nil at the file's end.
    ///
    /// - Throws: ``CorpusError`` of ``CorpusError/Kind/malformedRecord`` for a byte that is not a letter, for letters before the first header,
    ///   a record without letters and a file without records.
    mutating func next() throws(CorpusError) -> Part? {
        var letters: [UInt8] = []
        var first = (startsRecord: false, line: 0)
        while letters.count < partSize {
            guard let part = try lines.next() else {
                try endRecord()
                break
            }
            let startsLine = !isInLine
            isInLine = !part.endsLine
            if startsLine, part.bytes.first == UInt8(ascii: ">") {
                try begin(header: part.line)
                if letters.isEmpty { continue }
                break
            }
            let count = letters.count
            try append(part, to: &letters)
            if count == 0, !letters.isEmpty {
                first = (startsRecord, part.line)
                startsRecord = false
            }
        }
        return letters.isEmpty ? nil : Part(letters: letters, startsRecord: first.startsRecord, line: first.line)
    }

    /// Ends the record before a header, and passes over the rest of a header that is longer than the window.
    private mutating func begin(header line: Int) throws(CorpusError) {
        if header != nil { try endRecord() }
        header = line
        startsRecord = true
        while isInLine, let part = try lines.next() { isInLine = !part.endsLine }
    }

    private func endRecord() throws(CorpusError) {
        guard let header else {
            throw malformed(
                "the file has no record", nil,
                "Give a file with a line that begins with > and lines of letters behind it")
        }
        if startsRecord {
            throw malformed("the record has no letters", header, "Leave the record out, or put its letters behind it")
        }
    }

    private func append(_ part: LineReader.Part, to letters: inout [UInt8]) throws(CorpusError) {
        for byte in part.bytes {
            if Self.isLetter[Int(byte)] {
                letters.append(byte)
            } else if !isASCIIWhitespace(byte) {
                let hexadecimal = String(byte, radix: 16, uppercase: true)
                let name =
                    0x21...0x7E ~= byte
                    ? "character \(Unicode.Scalar(byte))" : "byte 0x\(byte < 16 ? "0" : "")\(hexadecimal)"
                throw malformed(
                    "the \(name) is not a letter of a sequence", part.line,
                    "Give FASTA, which is text: a line that begins with > and lines of letters behind it")
            }
        }
        if header == nil, !letters.isEmpty {
            throw malformed(
                "letters stand before the first header", part.line,
                "Put a line with > and a name before the letters of each record")
        }
    }

    private static let isLetter = (UInt8.min...UInt8.max).map { byte in
        UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 || byte == UInt8(ascii: "*") || byte == UInt8(ascii: "-")
    }

    private func malformed(_ problem: String, _ line: Int?, _ remedy: String) -> CorpusError {
        CorpusError(
            .malformedRecord, problem, at: ErrorLocation(file: path.string, line.map { .line($0) }), remedy: remedy)
    }
}
