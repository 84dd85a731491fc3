import Format

/// What a masked position can become at one temperature.
public struct ReplayDistribution: Sendable, Hashable {
    /// [k] The head's tokens, most probable first.
    public var headIDs: [Int32]
    /// [k] Their probabilities among the whole vocabulary.
    public var headProbabilities: [Double]
    /// The probability of all other tokens together.
    public var tailProbability: Double
    /// [R] The token that each race names when the tail is drawn.
    public var raceWinners: [Int32]

    package init(
        headIDs: [Int32], headProbabilities: [Double], tailProbability: Double, raceWinners: [Int32]
    ) {
        self.headIDs = headIDs
        self.headProbabilities = headProbabilities
        self.tailProbability = tailProbability
        self.raceWinners = raceWinners
    }
}

extension TemperedReplay {
    /// The distribution from which a masked position is drawn, for people to look at.
    ///
    /// - Parameter masked: Index into ``SequenceBlock/maskedPositions``.
    public func distribution(of block: SequenceBlock, masked: Int) -> ReplayDistribution {
        precondition(block.shape == shape, "the block is not of the sampler's shards")
        let size = shape.headSize
        var cumulative = [Double](repeating: 0, count: paddedHeadSize)
        let head = cumulative.withUnsafeMutableBufferPointer { headWeights(of: block, masked: masked, into: $0) }
        let tail = size == 0 ? 1 : shape.hasTail ? tailWeight(of: block, masked: masked) : 0
        return ReplayDistribution(
            headIDs: Array(block.headIDs[(masked * size)..<((masked + 1) * size)]),
            headProbabilities: (0..<size).map { rank in
                (cumulative[rank] - (rank > 0 ? cumulative[rank - 1] : 0)) / (head + tail)
            },
            tailProbability: tail / (head + tail),
            raceWinners: (0..<shape.raceCount).map { block.winner(ofMasked: masked, race: $0, atPosition: position) })
    }
}
