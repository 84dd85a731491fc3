/// The shape of a block's columns, as far as the header of its shard fixes it.
public struct BlockShape: Sendable, Hashable {
    /// V: token ids are below it.
    public var vocabularySize: Int
    /// Tokens in the longest sequence.
    public var maximumLength: Int
    /// Names that a sequence's source is one of.
    public var sourceCount: Int
    /// How many candidates a masked position has.
    public var candidateCounts: ClosedRange<Int>
    /// P: visits that are independent draws; 0 where no position has a tail.
    public var visitCount: Int
    /// Where the nodes of the tail's log-mass lie on the scale (``TemperatureRange/place(of:)``), ascending.
    public var nodePlaces: [Double]
    /// Parts of the scale in which races tell their changes.
    public var changeParts: Int

    public init(
        vocabularySize: Int, maximumLength: Int, sourceCount: Int = 1, candidateCounts: ClosedRange<Int>,
        visitCount: Int, nodePlaces: [Double], changeParts: Int
    ) {
        self.vocabularySize = vocabularySize
        self.maximumLength = maximumLength
        self.sourceCount = sourceCount
        self.candidateCounts = candidateCounts
        self.visitCount = visitCount
        self.nodePlaces = nodePlaces
        self.changeParts = changeParts
    }

    public var nodeCount: Int { nodePlaces.count }

    /// Whether a position may have tokens outside its head.
    public var mayHaveTail: Bool { visitCount > 0 }

    /// Bytes of a token id in a block.
    public var tokenWidth: Int { vocabularySize <= 1 << 16 ? 2 : 4 }
}
