/// What a block's columns look like, as far as the header of its shard fixes it.
public struct BlockShape: Sendable, Hashable {
    /// V: token ids are below it.
    public var vocabularySize: Int
    /// Tokens in the longest sequence.
    public var maximumLength: Int
    /// k: candidates stored with their logits at each masked position.
    public var headSize: Int
    /// R: races run over the tail at each masked position; 0 where there is no tail.
    public var raceCount: Int
    /// Inverse temperatures at which the tail's log-mass is stored, ascending; none where head or tail is empty.
    public var tailNodes: [Double]

    public init(
        vocabularySize: Int, maximumLength: Int, headSize: Int, raceCount: Int, tailNodes: [Double]
    ) {
        self.vocabularySize = vocabularySize
        self.maximumLength = maximumLength
        self.headSize = headSize
        self.raceCount = raceCount
        self.tailNodes = tailNodes
    }

    public var tailNodeCount: Int { tailNodes.count }

    /// Whether some of the vocabulary is outside the head.
    public var hasTail: Bool { headSize < vocabularySize }

    /// Bytes of a token id in a block.
    public var tokenWidth: Int { vocabularySize <= 1 << 16 ? 2 : 4 }
}
