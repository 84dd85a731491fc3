/// Sequences of token ids, end to end in memory: four bytes a token and twelve a sequence.
public struct TokenSequences: Sendable, Hashable, RandomAccessCollection {
    private var tokens: [Int32] = []
    /// Where each sequence starts in ``tokens``, and where the last one ends.
    private var starts = [0]
    private var sources: [UInt16] = []
    private var secondSegments: [UInt16] = []
    /// Tokens of the longest sequence.
    public private(set) var longestCount = 0

    public init() {}

    /// - Parameters:
    ///   - source: the number of where it comes from.
    ///   - secondSegment: where the second segment of a pair begins; 0 if there is one segment.
    public mutating func append(_ sequence: some Collection<Int32>, source: Int = 0, secondSegment: Int = 0) {
        longestCount = Swift.max(longestCount, sequence.count)
        tokens += sequence
        starts.append(tokens.count)
        sources.append(UInt16(source))
        secondSegments.append(UInt16(secondSegment))
    }

    public mutating func append(sequence: TokenSequence) {
        append(sequence.tokens, source: sequence.source, secondSegment: sequence.secondSegment)
    }

    /// One of the sequences, with its source and the start of its second segment.
    public func sequence(_ index: Int) -> TokenSequence {
        TokenSequence(
            Array(self[index]), source: Int(sources[index]), secondSegment: Int(secondSegments[index]))
    }

    /// Empties it, keeping its memory.
    public mutating func removeAll() {
        tokens.removeAll(keepingCapacity: true)
        starts.removeSubrange(1...)
        sources.removeAll(keepingCapacity: true)
        secondSegments.removeAll(keepingCapacity: true)
        longestCount = 0
    }

    public var tokenCount: Int { tokens.count }
    public var startIndex: Int { 0 }
    public var endIndex: Int { starts.count - 1 }
    public subscript(index: Int) -> ArraySlice<Int32> { tokens[starts[index]..<starts[index + 1]] }
}
