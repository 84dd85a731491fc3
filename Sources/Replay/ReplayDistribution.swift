import Format

/// The tokens that a masked position can become at one temperature, with their probabilities.
public struct ReplayDistribution: Sendable, Hashable {
    /// [k] The candidates, most probable first.
    public var headIDs: [Int32]
    /// [k] Their probabilities among the whole vocabulary.
    public var headProbabilities: [Double]
    /// The original's probability.
    public var originalProbability: Double
    /// Its rank among the candidates; nil where it is none of them.
    public var originalRank: Int?
    /// The probability of all other tokens together.
    public var tailProbability: Double
    /// [races] The token that each race names when the tail is drawn.
    public var raceWinners: [Int32]

    package init(
        headIDs: [Int32], headProbabilities: [Double], originalProbability: Double, originalRank: Int?,
        tailProbability: Double, raceWinners: [Int32]
    ) {
        self.headIDs = headIDs
        self.headProbabilities = headProbabilities
        self.originalProbability = originalProbability
        self.originalRank = originalRank
        self.tailProbability = tailProbability
        self.raceWinners = raceWinners
    }
}

extension TemperedReplay {
    /// The distribution from which a masked position is drawn, for people to look at.
    ///
    /// - Parameters:
    ///   - block: Of the sampler's shards.
    ///   - masked: Index into the block's `maskedPositions`.
    public func distribution(of block: SequenceBlock, masked: Int) -> ReplayDistribution {
        precondition(block.shape == shape, "the block is not of the sampler's shards")
        let candidates = block.candidateRange(ofMasked: masked)
        var sums = [Double](repeating: 0, count: TemperedWeights.capacity(candidates: candidates.count))
        let (tail, total) = sums.withUnsafeMutableBufferPointer { weights.add(of: block, masked: masked, into: $0) }
        var before = tail
        let rank = Int(block.originalRanks[masked])
        // Where nothing may be drawn, the original stays.
        let isOriginal = total == 0
        let head = (0..<candidates.count).map { index in
            defer { before = sums[index] }
            return isOriginal ? (index == rank ? 1 : 0) : (sums[index] - before) / total
        }
        let original = rank < 0 ? (total - before) / total : head[rank]
        return ReplayDistribution(
            headIDs: Array(block.headIDs[candidates]), headProbabilities: head,
            originalProbability: isOriginal ? 1 : original, originalRank: rank < 0 ? nil : rank,
            tailProbability: isOriginal ? 0 : tail / total,
            raceWinners: block.raceRange(ofMasked: masked).map { block.winner(ofRace: $0, atPart: part) })
    }
}
