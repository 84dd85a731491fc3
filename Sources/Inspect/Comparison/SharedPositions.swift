import Format
import Replay

/// Where two data sets mask the same positions of the same text: how far apart their generators' distributions are.
///
/// Sequences are paired by pass and number, and only where their tokens are equal.
public struct SharedPositions: Sendable {
    /// Mean distances at one temperature that both can be replayed at.
    public struct AtTemperature: Sendable, Hashable {
        public let temperature: Double
        var sum = Divergence(totalVariation: 0, jensenShannon: 0)
        var count = 0

        private func mean(_ sum: Double) -> Double? { count > 0 ? sum / Double(count) : nil }

        /// Lower bounds (``Divergence``); nil without shared positions.
        public var totalVariation: Double? { mean(sum.totalVariation) }
        public var jensenShannon: Double? { mean(sum.jensenShannon) }
    }

    /// Of the first data set.
    public let sample: BlockSample
    /// Of the sampled blocks: sequences, and those that the other data set has with equal tokens.
    public private(set) var sequences = 0
    public private(set) var sharedSequences = 0
    /// Masked positions of the sampled blocks, and those that the other data set masks too.
    public private(set) var maskedPositions = 0
    public private(set) var sharedPositions = 0
    /// Positions at which both heads start with the same token.
    public private(set) var sameFirst = 0
    /// Tokens that both heads of a position hold, all together.
    public private(set) var sharedHeadTokens = 0
    /// Lowest, middle and highest temperature that the ranges have in common; empty if they have none in common.
    public private(set) var temperatures: [AtTemperature] = []
    public private(set) var faults: [ShardError] = []

    /// - Parameters:
    ///   - sample: Of the first data set's blocks.
    ///   - progress: Called with the number of blocks done.
    public init(
        of one: ShardSource, and other: ShardSource, _ sample: BlockSample, progress: (Int) -> Void = { _ in }
    ) throws {
        self.sample = sample
        // Ids of two vocabularies do not name the same tokens.
        guard one.header.vocabularySHA256 == other.header.vocabularySHA256,
            one.header.vocabularySize == other.header.vocabularySize
        else { return }
        let ranges = [one.header.temperatureRange, other.header.temperatureRange]
        let common = TemperatureRange(
            from: max(ranges[0].minimum, ranges[1].minimum), to: min(ranges[0].maximum, ranges[1].maximum))
        let points = common.minimum <= common.maximum ? common.points(parts: 2) : []
        temperatures = points.map { AtTemperature(temperature: $0) }
        let replays = try [one, other].map { source in
            let sampler = ReplaySampler(source.header, seed: 0)  // nothing is drawn
            return try points.map { try sampler.tempered(to: $0) }
        }
        var cursor = EntryCursor(other)
        for (done, index) in sample.blocks.enumerated() {
            do throws(ShardError) {
                let (block, firstEntry) = try one.block(index)
                for row in 0..<block.sequenceCount {
                    sequences += 1
                    maskedPositions += block.maskedRange(ofSequence: row).count
                    guard let entry = one.counterpart(of: firstEntry + UInt64(row), in: other),
                        let match = try cursor.sequence(entry)
                    else { continue }
                    add(block, row, match.block, match.row, replays)
                }
            } catch {
                faults.append(error)
            }
            progress(done + 1)
        }
    }

    private mutating func add(
        _ block: SequenceBlock, _ row: Int, _ other: SequenceBlock, _ otherRow: Int, _ replays: [[TemperedReplay]]
    ) {
        let tokens = block.tokens[block.tokenRange(ofSequence: row)]
        guard tokens == other.tokens[other.tokenRange(ofSequence: otherRow)] else { return }
        sharedSequences += 1
        let places = Dictionary(
            uniqueKeysWithValues: other.maskedRange(ofSequence: otherRow).map { (other.maskedPositions[$0], $0) })
        for masked in block.maskedRange(ofSequence: row) {
            guard let otherMasked = places[block.maskedPositions[masked]] else { continue }
            sharedPositions += 1
            for index in temperatures.indices {
                let one = replays[0][index].distribution(of: block, masked: masked)
                let two = replays[1][index].distribution(of: other, masked: otherMasked)
                temperatures[index].sum += Divergence(one, two)
                temperatures[index].count += 1
            }
            let heads = [head(of: block, masked), head(of: other, otherMasked)]
            if let first = heads[0].first, first == heads[1].first { sameFirst += 1 }
            sharedHeadTokens += Set(heads[0]).intersection(heads[1]).count
        }
    }

    private func head(of block: SequenceBlock, _ masked: Int) -> ArraySlice<Int32> {
        block.headIDs[block.candidateRange(ofMasked: masked)]
    }
}

extension ShardSource {
    /// The entry of `other` that has the sequence and the pass of `entry` here.
    fileprivate func counterpart(of entry: UInt64, in other: ShardSource) -> UInt64? {
        switch self {
        case .dataset(let dataset):
            let (pass, sequence) = entry.quotientAndRemainder(dividingBy: max(1, dataset.sequenceCount))
            return other.entry(ofSequence: sequence, pass: pass)
        case .shard(let reader):
            return other.entry(ofSequence: entry, pass: UInt64(reader.header.pass))
        }
    }

    private func entry(ofSequence sequence: UInt64, pass: UInt64) -> UInt64? {
        switch self {
        case .dataset(let dataset):
            guard sequence < dataset.sequenceCount, pass < UInt64(dataset.passCount) else { return nil }
            return pass * dataset.sequenceCount + sequence
        case .shard(let reader):
            return pass == UInt64(reader.header.pass) ? sequence : nil
        }
    }
}

/// Sequences by their number, with the last block at hand: neighbors are asked for one after another.
private struct EntryCursor {
    private let source: ShardSource
    private let decoder = BlockDecoder()
    private var current: (block: SequenceBlock, entries: Range<UInt64>)?

    init(_ source: ShardSource) {
        self.source = source
    }

    /// nil where the source ends before, or starts after it.
    mutating func sequence(_ entry: UInt64) throws(ShardError) -> (block: SequenceBlock, row: Int)? {
        if current?.entries.contains(entry) != true {
            guard let index = source.blockIndex(ofEntry: entry) else { return nil }
            current = nil
            let (block, first) = try source.block(index, using: decoder)
            current = (block, first..<(first + UInt64(block.sequenceCount)))
        }
        return current.map { ($0.block, Int(entry - $0.entries.lowerBound)) }
    }
}

extension ShardSource {
    /// The block that holds an entry, if any does.
    fileprivate func blockIndex(ofEntry entry: UInt64) -> Int? {
        switch self {
        case .dataset(let dataset):
            guard entry < dataset.entryCount else { return nil }
            // Blocks are found by bisection: short ones end each shard.
            var (low, high) = (0, dataset.blockCount)
            while high - low > 1 {
                let middle = (low + high) / 2
                if dataset.place(ofBlock: middle).entries.lowerBound <= entry { low = middle } else { high = middle }
            }
            return low
        case .shard(let reader):
            let first = reader.header.firstSequence
            guard entry >= first, entry - first < counts.sequences else { return nil }
            return reader.place(ofSequence: entry - first).block
        }
    }
}
