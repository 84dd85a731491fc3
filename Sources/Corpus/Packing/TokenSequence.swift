/// A sequence of token ids, `[CLS] ... [SEP]`, with its source and the start of its second segment.
public struct TokenSequence: Sendable, Hashable {
    public var tokens: [Int32]
    /// Where it comes from: an index into ``CorpusInput/sourceNames``.
    public var source: Int
    /// Where the second segment of a pair begins; 0 if there is one segment.
    public var secondSegment: Int

    public init(_ tokens: [Int32], source: Int = 0, secondSegment: Int = 0) {
        self.tokens = tokens
        self.source = source
        self.secondSegment = secondSegment
    }
}
