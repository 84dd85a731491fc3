import Corpus

/// Sequences of token ids, end to end in memory: four bytes a token.
///
/// Training an auxiliary visits its text in random order and many times; generating shards streams it.
public struct TokenSequences: Sendable {
    private var tokens: [Int32] = []
    private var starts: [Int] = [0]

    /// What the text was that they come from.
    public var text = TextCounts()
    /// Tokens of the longest sequence.
    public private(set) var longestCount = 0

    public init() {}

    public mutating func append(_ sequence: [Int32]) {
        longestCount = max(longestCount, sequence.count)
        tokens += sequence
        starts.append(tokens.count)
    }

    public var count: Int { starts.count - 1 }
    public var tokenCount: Int { tokens.count }

    public subscript(index: Int) -> [Int32] {
        Array(tokens[starts[index]..<starts[index + 1]])
    }
}
