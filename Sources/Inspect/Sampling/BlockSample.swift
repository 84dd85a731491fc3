import Random

/// Some of a data set's blocks, spread over all of it.
public struct BlockSample: Sendable, Hashable, Encodable {
    /// Of the draw of the blocks.
    public let seed: UInt64
    /// Ascending.
    public let blocks: [Int]
    /// Blocks of the data set.
    public let blockCount: Int

    /// Cuts the blocks into `limit` runs of equal length and draws one of each; all of them if there are no more.
    ///
    /// - Parameter limit: Below 2^31.
    public init(of blockCount: Int, atMost limit: Int, seed: UInt64) {
        self.seed = seed
        self.blockCount = blockCount
        if blockCount <= limit {
            blocks = Array(0..<blockCount)
            return
        }
        var draws = RandomStream(seed: seed, purpose: .inspection).draws(pass: 0, sequence: 0, position: 0)
        blocks = (0..<limit).map { run in
            // Not the product of all blocks, which could overflow.
            func start(_ run: Int) -> Int { blockCount / limit * run + blockCount % limit * run / limit }
            return draws.integer(in: start(run)..<start(run + 1))
        }
    }

    /// Whether nothing is left out.
    public var isWhole: Bool { blocks.count == blockCount }
}
