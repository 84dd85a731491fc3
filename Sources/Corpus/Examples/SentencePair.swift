import JSON
import SystemPackage

/// Two sentences with one difference, and the difference makes one of them better: a minimal pair.
public struct SentencePair: Sendable, Hashable {
    public var good: String
    public var bad: String
    /// The paradigm that the pair belongs to, and its field: BLiMP's `UID` and `field`.
    public var paradigm: String?
    public var field: String?
    public var file: FilePath
    /// The line of its file, from 1.
    public var line: Int

    public init(
        good: String, bad: String, paradigm: String? = nil, field: String? = nil, file: FilePath = "", line: Int = 1
    ) {
        self.good = good
        self.bad = bad
        self.paradigm = paradigm
        self.field = field
        self.file = file
        self.line = line
    }

    /// Reads JSON lines with BLiMP's names (Warstadt et al. 2020): `sentence_good`, `sentence_bad` and, where they are there,
    /// `UID` and `field`.
    public static func read(_ path: FilePath) throws(CorpusError) -> [SentencePair] {
        var lines = JSONLines<Record>(
            try LineReader(path, windowSize: 1 << 16), of: path)
        var pairs: [SentencePair] = []
        while let line = try lines.next(), let record = line.record {
            pairs.append(
                SentencePair(
                    good: record.good, bad: record.bad, paradigm: record.paradigm, field: record.field, file: path,
                    line: line.number))
        }
        return pairs
    }

    private struct Record: LineRecord {
        let good: String
        let bad: String
        let paradigm: String?
        let field: String?

        static let example = #"{"sentence_good": "...", "sentence_bad": "..."}"#

        init(_ object: JSONValue) throws(UnfitRecord) {
            good = try object.string("sentence_good")
            bad = try object.string("sentence_bad")
            paradigm = Self.name(object["UID"])
            field = Self.name(object["field"])
        }

        /// A text, or a number as it is written.
        private static func name(_ value: JSONValue?) -> String? {
            if case .number(let number) = value { return number }
            return value?.text
        }
    }
}
