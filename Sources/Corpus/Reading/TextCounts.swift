/// The amount of text that was read, and its faults that did not end the reading.
public struct TextCounts: Codable, Sendable, Hashable {
    /// A line of one of the files.
    public struct Place: Codable, Sendable, Hashable {
        /// Its index among the files.
        public let file: Int
        /// From 1.
        public let line: Int

        public init(file: Int, line: Int) {
            self.file = file
            self.line = line
        }
    }

    /// How often something was found, and where first.
    public struct Finding: Codable, Sendable, Hashable {
        public private(set) var count = 0
        public private(set) var first: Place?

        mutating func add(_ number: Int = 1, file: Int, line: Int) {
            if number == 0 { return }
            count += number
            first = first ?? Place(file: file, line: line)
        }
    }

    /// Of the text, decompressed. Lines of JSON count whole.
    public internal(set) var bytes = 0
    /// Those that are not UTF-8, which read as U+FFFD, and the lines that have some.
    public internal(set) var invalidBytes = 0
    public internal(set) var invalidLines = Finding()
    /// Halves of surrogate pairs that stand alone in JSON (`\ud83d`). Each reads as U+FFFD.
    public internal(set) var loneSurrogates = Finding()
    /// Bad lines that were left out.
    public internal(set) var skippedLines = Finding()
    /// Tokens, without those that begin, divide and end sequences.
    public internal(set) var tokens = 0
    /// Those that stand for text that the vocabulary cannot spell.
    public internal(set) var unknownTokens = 0

    public init() {}

    /// Whether the numbers are such as can have been counted, and go on being counted.
    var isPlausible: Bool {
        [
            bytes, invalidBytes, invalidLines.count, loneSurrogates.count, skippedLines.count, tokens, unknownTokens,
        ].allSatisfy { 0..<1 << 60 ~= $0 }
    }

    /// Shares, from 0 to 1.
    public var invalidShare: Double { Double(invalidBytes) / Double(max(bytes, 1)) }
    public var unknownShare: Double { Double(unknownTokens) / Double(max(tokens, 1)) }
}
