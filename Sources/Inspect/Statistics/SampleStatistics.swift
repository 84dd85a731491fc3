import Format
import Replay

/// The statistics of a sample of a data set's blocks.
///
/// Blocks that do not decode are left out and told in ``faults``.
public struct SampleStatistics: Sendable {
    /// Parts of the temperature range whose ends ``temperatures`` looks at.
    public static let temperatureParts = 16
    /// Bins of ``positions``, at most.
    public static let positionBinCount = 32
    /// The last count of ``winnersPerRace`` is of races with that many winners or more.
    public static let winnerBinCount = 12

    public struct PositionBin: Sendable, Hashable, Encodable {
        public let firstPosition: Int
        public let lastPosition: Int
        public internal(set) var tokens = 0
        public internal(set) var masked = 0
    }

    public let sample: BlockSample
    /// Tokens that a draw can give.
    private let drawableCount: Int
    public private(set) var counts = Counts()
    public private(set) var footprint = BlockFootprint()
    /// At both ends of the shards' range and between, ascending.
    public private(set) var temperatures: [TemperatureStatistics]
    /// Masked positions whose original is a candidate.
    public private(set) var originalsInHead = 0
    /// Those of them whose original is its most probable token.
    public private(set) var originalsFirst = 0
    /// [i]: races that i + 1 tokens lead over the range.
    public private(set) var winnersPerRace = [Int](repeating: 0, count: winnerBinCount)
    public private(set) var leadChanges = 0
    /// Where in their sequences masked positions lie.
    public private(set) var positions: [PositionBin]
    public private(set) var shortestLength: Int?
    public private(set) var longestLength: Int?
    /// At the lowest temperature.
    public private(set) var tokens = TokenStatistics()
    public private(set) var faults: [ShardError] = []

    /// - Parameters:
    ///   - sample: Of the source's blocks.
    ///   - progress: Called with the number of blocks done.
    public init(_ source: ShardSource, _ sample: BlockSample, progress: (Int) -> Void = { _ in }) throws {
        self.sample = sample
        let header = source.header
        drawableCount = header.drawableCount
        let sampler = ReplaySampler(header, seed: 0)  // nothing is drawn
        let points = try header.temperatureRange.points(parts: Self.temperatureParts).map {
            Point(replay: try sampler.tempered(to: $0), slope: TailSlope(header, temperature: $0))
        }
        temperatures = points.map {
            TemperatureStatistics(temperature: $0.replay.temperature, vocabularySize: header.vocabularySize)
        }
        let bins = min(header.maximumLength, Self.positionBinCount)
        positions = (0..<bins).map { bin in
            PositionBin(
                firstPosition: (bin * header.maximumLength + bins - 1) / bins,
                lastPosition: ((bin + 1) * header.maximumLength + bins - 1) / bins - 1)
        }
        let decoder = BlockDecoder()
        for (done, index) in sample.blocks.enumerated() {
            do throws(ShardError) {
                let block = try source.block(index, using: decoder).block
                footprint += try source.footprint(ofBlock: index)
                add(block, points)
            } catch {
                faults.append(error)
            }
            progress(done + 1)
        }
    }

    /// The replay and the slope by which every masked position is looked at, for one temperature.
    private struct Point {
        let replay: TemperedReplay
        let slope: TailSlope
    }

    private mutating func add(_ block: SequenceBlock, _ points: [Point]) {
        counts += Counts(
            sequences: UInt64(block.sequenceCount), tokens: UInt64(block.tokenCount),
            maskedPositions: UInt64(block.maskedCount))
        leadChanges += block.changeCodes.count
        for row in 0..<block.sequenceCount {
            let tokens = block.tokenRange(ofSequence: row)
            shortestLength = min(shortestLength ?? tokens.count, tokens.count)
            longestLength = max(longestLength ?? tokens.count, tokens.count)
            for bin in positions.indices {
                positions[bin].tokens += max(
                    0, min(tokens.count, positions[bin].lastPosition + 1) - positions[bin].firstPosition)
            }
            for masked in block.maskedRange(ofSequence: row) {
                let position = Int(block.maskedPositions[masked])
                positions[position * positions.count / block.shape.maximumLength].masked += 1
                add(masked, of: block, original: block.tokens[tokens.lowerBound + position], points)
            }
        }
    }

    private mutating func add(
        _ masked: Int, of block: SequenceBlock, original id: Int32, _ points: [Point]
    ) {
        for race in block.raceRange(ofMasked: masked) {
            let winners = block.winnerRange(ofRace: race).count
            winnersPerRace[min(winners, winnersPerRace.count) - 1] += 1
        }
        let rank = block.originalRanks[masked]
        if rank >= 0 { originalsInHead += 1 }
        if rank == 0 { originalsFirst += 1 }
        let tailSize =
            max(0, drawableCount - block.candidateRange(ofMasked: masked).count - (rank < 0 ? 1 : 0))
        for (index, point) in points.enumerated() {
            let distribution = point.replay.distribution(of: block, masked: masked)
            let entropy = point.slope.value(of: block, masked: masked).map {
                distribution.entropy(temperature: point.replay.temperature, slope: $0, tailSize: tailSize)
            }
            temperatures[index].add(distribution, entropy: entropy)
            if index == 0 { tokens.add(id, probability: distribution.originalProbability) }
        }
    }
}
