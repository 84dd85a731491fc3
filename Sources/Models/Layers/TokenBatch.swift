/// Sequences of different lengths end to end: no padding is ever computed.
///
/// Attention looks within a sequence; everything else works on all tokens as one matrix of rows.
public struct TokenBatch: Sendable {
    /// [tokens]; every id must be below the model's vocabulary size.
    public private(set) var tokens: [Int32] = []
    /// [tokens]; 0, 1, 2, ... in each sequence.
    public private(set) var positions: [Int32] = []
    /// [tokens]; 0, or 1 in the second text of a pair.
    public private(set) var tokenTypes: [Int32] = []
    /// [sequences]
    public private(set) var sequences: [Sequence] = []
    /// Elements of one head's attention matrices, over all sequences: Σ length²
    public private(set) var attentionElementCount = 0

    /// One sequence of a batch.
    public struct Sequence: Sendable, Hashable {
        /// Its rows.
        public let rows: Range<Int>
        /// Its place in each head's attention matrices: the start of [length, length].
        public let attentionStart: Int
        /// Its number in the global batch: the address of its dropout masks.
        public let number: UInt32

        /// Its part of a matrix of `width` columns.
        func elements(width: Int) -> Range<Int> { rows.lowerBound * width..<rows.upperBound * width }
    }

    public init() {}

    public var count: Int { tokens.count }

    public mutating func removeAll() {
        tokens.removeAll(keepingCapacity: true)
        positions.removeAll(keepingCapacity: true)
        tokenTypes.removeAll(keepingCapacity: true)
        sequences.removeAll(keepingCapacity: true)
        attentionElementCount = 0
    }

    /// - Parameter secondSegment: the position from which tokens have type 1, for a model that knows two types; `nil`: none.
    public mutating func append(_ sequence: Span<Int32>, secondSegment: Int? = nil, number: UInt32) {
        let start = tokens.count
        let secondSegment = secondSegment ?? sequence.count
        for index in sequence.indices {
            tokens.append(sequence[index])
            positions.append(Int32(truncatingIfNeeded: index))
            tokenTypes.append(index < secondSegment ? 0 : 1)
        }
        sequences.append(
            Sequence(rows: start..<tokens.count, attentionStart: attentionElementCount, number: number))
        attentionElementCount += sequence.count * sequence.count
    }
}
