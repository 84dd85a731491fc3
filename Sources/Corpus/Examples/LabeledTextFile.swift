import Storage
import SystemPackage

/// Reads the labeled texts of a file: JSON lines where its name says so (`.jsonl`, `.ndjson`, `.json`), else tab-separated
/// columns; `.gz` and `.zst` files are decompressed.
///
/// A line of JSON has `label`, `text` and, for pairs, `text_pair`. A line of columns has the same in this order, without
/// quotes; where the first line has the names `label` and `text`, in any order and letter case, it says which column is
/// which, and other columns are passed over. Other names of `text` are `sentence`, `sentence1`,
/// `question` and `question1`, and of `text_pair` they are `sentence2`, `question2`, and `sentence` beside `question`. Blank
/// lines are skipped.
/// All lines are pairs, or none is.
public struct LabeledTextFile {
    public let path: FilePath

    public init(_ path: FilePath) {
        self.path = path
    }

    public func texts() throws(CorpusError) -> [LabeledText] {
        let texts = try ContentKind(of: path) == .jsonLines ? records() : rows()
        if let first = texts.first, let other = texts.first(where: { ($0.pair == nil) != (first.pair == nil) }) {
            throw malformed(
                other.pair == nil
                    ? "there is one text here and two on line \(first.line)"
                    : "there are two texts here and one on line \(first.line)", line: other.line)
        }
        return texts
    }

    private func records() throws(CorpusError) -> [LabeledText] {
        var lines = JSONLines<LabeledText.Record>(
            try LineReader(path, windowSize: 1 << 16), of: path)
        var texts: [LabeledText] = []
        while let line = try lines.next(), let record = line.record {
            texts.append(LabeledText(label: record.label, text: record.text, pair: record.pair, line: line.number))
        }
        return texts
    }

    private func rows() throws(CorpusError) -> [LabeledText] {
        var lines = try LineReader(path, windowSize: 1 << 16)
        var texts: [LabeledText] = []
        var columns = Columns.standard
        var isFirst = true
        var bytes: [UInt8] = []
        while let part = try lines.next() {
            bytes += part.bytes
            guard part.endsLine else { continue }
            defer { bytes.removeAll(keepingCapacity: true) }
            while let last = bytes.last, last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r") { bytes.removeLast() }
            if bytes.allSatisfy(isASCIIWhitespace) { continue }
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw CorpusError.notUTF8(ErrorLocation(file: path.string, .line(part.line)))
            }
            let cells = text.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            let names = isFirst ? Columns(naming: cells) : nil
            isFirst = false
            if let names {
                columns = names
                continue
            }
            guard let row = columns.text(of: cells, line: part.line) else {
                let found = "the line has \(cells.count == 1 ? "1 column" : "\(cells.count) columns")"
                throw malformed(
                    found + (columns.areNamed ? ", and the first line names \(columns.counts.upperBound)" : ""),
                    line: part.line,
                    remedy: columns.areNamed ? "Give as many columns on each line, with tabs between them" : nil)
            }
            if row.label.isEmpty { throw malformed("the label is empty", line: part.line) }
            texts.append(row)
        }
        return texts
    }

    private func malformed(_ problem: String, line: Int, remedy: String? = nil) -> CorpusError {
        CorpusError(
            .malformedLine, problem, at: ErrorLocation(file: path.string, .line(line)), remedy: remedy ?? usualRemedy)
    }

    private var usualRemedy: String {
        ContentKind(of: path) == .jsonLines
            ? #"Give "label" and "text" on each line; for pairs of texts, "text_pair", too"#
            : "Give a label, a tab and a text on each line; for pairs of texts, another tab and the second text"
    }
}

/// The columns of a row that hold the label and the texts.
private struct Columns {
    let label: Int
    let text: Int
    let pair: Int?
    /// How many columns a row may have.
    let counts: ClosedRange<Int>
    /// Whether the first line of the file names them.
    let areNamed: Bool

    static let standard = Columns(label: 0, text: 1, pair: 2, counts: 2...3, areNamed: false)

    private init(label: Int, text: Int, pair: Int?, counts: ClosedRange<Int>, areNamed: Bool) {
        self.label = label
        self.text = text
        self.pair = pair
        self.counts = counts
        self.areNamed = areNamed
    }

    /// Those of GLUE (Wang et al. 2019); QNLI pairs a question with a sentence.
    private static let otherNames = [
        "sentence": "text", "sentence1": "text", "question": "text", "question1": "text", "sentence2": "text_pair",
        "question2": "text_pair",
    ]

    /// `nil` where the cells are not the columns' names.
    init?(naming cells: [String]) {
        let given = cells.map { $0.lowercased() }
        let names = given.map { name in
            name == "sentence" && given.contains("question") ? "text_pair" : Self.otherNames[name] ?? name
        }
        guard let label = names.firstIndex(of: "label"), let text = names.firstIndex(of: "text") else { return nil }
        self.init(
            label: label, text: text, pair: names.firstIndex(of: "text_pair"), counts: cells.count...cells.count,
            areNamed: true)
    }

    /// `nil` where the row has other columns.
    func text(of cells: [String], line: Int) -> LabeledText? {
        guard counts.contains(cells.count) else { return nil }
        return LabeledText(
            label: cells[label], text: cells[text], pair: pair.flatMap { $0 < cells.count ? cells[$0] : nil },
            line: line)
    }
}
