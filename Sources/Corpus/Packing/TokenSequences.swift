/// Sequences of token ids, end to end in memory: four bytes a token and eight a sequence.
public struct TokenSequences: Sendable, Hashable, RandomAccessCollection {
    private var tokens: [Int32] = []
    /// Where each sequence starts in ``tokens``, and where the last one ends.
    private var starts = [0]
    /// Tokens of the longest sequence.
    public private(set) var longestCount = 0

    public init() {}

    public mutating func append(_ sequence: some Collection<Int32>) {
        longestCount = Swift.max(longestCount, sequence.count)
        tokens += sequence
        starts.append(tokens.count)
    }

    /// Empties it, keeping its memory.
    public mutating func removeAll() {
        tokens.removeAll(keepingCapacity: true)
        starts.removeSubrange(1...)
        longestCount = 0
    }

    public var tokenCount: Int { tokens.count }
    public var startIndex: Int { 0 }
    public var endIndex: Int { starts.count - 1 }
    public subscript(index: Int) -> ArraySlice<Int32> { tokens[starts[index]..<starts[index + 1]] }
}
