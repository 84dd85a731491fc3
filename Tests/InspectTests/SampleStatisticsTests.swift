import Format
import Inspect
import Kernels
import Testing
import Train

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What a sample shows, against another count. `python/tests/test_inspect.py` recounts all of it with the other reader.
@Suite("Statistics of a sample")
struct SampleStatisticsTests {
    let shards: SmallShards
    let source: ShardSource
    let statistics: SampleStatistics

    init() throws {
        shards = try SmallShards()
        source = try ShardSource(shards.folder)
        statistics = try SampleStatistics(source, BlockSample(of: source.blockCount, atMost: 100, seed: 0))
    }

    @Test func countsEverything() {
        let blocks = shards.blocks
        #expect(statistics.faults.isEmpty && statistics.sample.isWhole)
        #expect(statistics.counts == source.counts)
        #expect(statistics.counts.maskedPositions == UInt64(blocks.reduce(0) { $0 + $1.maskedCount }))
        #expect(statistics.leadChanges == blocks.reduce(0) { $0 + $1.changeCodes.count })
        #expect(statistics.winnersPerRace.reduce(0, +) == 2 * blocks.reduce(0) { $0 + $1.maskedCount })
        let winners = statistics.winnersPerRace.enumerated().reduce(0) { $0 + ($1.offset + 1) * $1.element }
        #expect(winners == blocks.reduce(0) { $0 + $1.winners.count })
        #expect(statistics.positions.map(\.firstPosition) == Array(0..<12))
        let lengths = blocks.flatMap { block in
            (0..<block.sequenceCount).map { block.tokenRange(ofSequence: $0).count }
        }
        let masked = blocks.flatMap(\.maskedPositions)
        for (position, bin) in statistics.positions.enumerated() {
            #expect(bin.lastPosition == position)
            #expect(bin.tokens == lengths.count { $0 > position })
            #expect(bin.masked == masked.count { $0 == position })
        }
        #expect(statistics.shortestLength == lengths.min() && statistics.longestLength == lengths.max())
    }

    /// Acceptance: the rates shown are those of replays, within sampling error.
    @Test(arguments: [0, 5, 16]) func replaceRatesAreThoseOfReplays(_ point: Int) throws {
        let shown = statistics.temperatures[point]
        var counts = ReplayCounts()
        for seed in 0..<60 as Range<UInt64> {
            let replay = try ReplaySampler(shards.header, seed: seed).tempered(to: shown.temperature)
            for (number, block) in shards.blocks.enumerated() {
                for row in 0..<block.sequenceCount {
                    // As many visits as there are races.
                    for visit in 0..<2 as Range<UInt16> {
                        var tokens = [Int32](repeating: 0, count: 12)
                        var labels = [UInt8](repeating: 0, count: 12)
                        var tokenSpan = tokens.mutableSpan
                        var labelSpan = labels.mutableSpan
                        counts += replay.replay(
                            block, row: row, entry: UInt64(number * 8 + row), visit: visit, tokens: &tokenSpan,
                            labels: &labelSpan)
                    }
                }
            }
        }
        let rate = Double(counts.replaced) / Double(counts.masked)
        let error = (rate * (1 - rate) / Double(counts.masked)).squareRoot()
        #expect(error < 0.005, "enough draws to tell rates apart")
        #expect(abs(rate - shown.replaceRate) < 4 * error, "\(rate) in replays, \(shown.replaceRate) shown")
        #expect(shown.replaceRate > 0.3 && shown.replaceRate < 0.95, "a rate that could be wrong")
    }

    @Test func ratesBetweenTemperaturesAreOnALine() throws {
        let all = statistics.temperatures
        #expect(all.replaceRate(at: 1) == all[0].replaceRate && all.replaceRate(at: 2) == all[16].replaceRate)
        let middle = try #require(all.replaceRate(at: (all[3].temperature + all[4].temperature) / 2))
        #expect(abs(middle - (all[3].replaceRate + all[4].replaceRate) / 2) < 1e-12)
        #expect(all.replaceRate(at: 0.99) == nil && all.replaceRate(at: 2.01) == nil)
    }

    @Test func percentilesAreOfThePositions() throws {
        let replay = try ReplaySampler(shards.header, seed: 0).tempered(to: 1)
        let masses = shards.blocks.flatMap { block in
            (0..<block.maskedCount).map { replay.distribution(of: block, masked: $0).tailProbability }
        }.sorted()
        for percent in [0, 10, 50, 90, 100] {
            let shown = statistics.temperatures[0].tailMass(percentile: percent)
            let mass = masses[(masses.count - 1) * percent / 100]
            #expect(shown <= mass && mass < shown + 0.001 + 1e-12, "\(percent)")
        }
    }

    @Test func tokensAreRankedByTheirMeanProbability() {
        let all = statistics.tokens.ranked(atLeast: 1)
        #expect(all.reduce(0) { $0 + $1.count } == Int(statistics.counts.maskedPositions))
        #expect(zip(all, all.dropFirst()).allSatisfy { $0.probability >= $1.probability })
        let often = statistics.tokens.ranked(atLeast: 4)
        #expect(often == all.filter { $0.count >= 4 } && !often.isEmpty && often.count < all.count)
        let mean = all.reduce(0) { $0 + Double($1.count) * $1.probability } / Double(statistics.counts.maskedPositions)
        #expect(abs(mean - statistics.temperatures[0].originalProbability) < 1e-12)
    }
}

@Suite("One masked position")
struct ReplayDistributionMeasuresTests {
    let distribution = ReplayDistribution(
        headIDs: [7, 9], headProbabilities: [0.5, 0.25], tailProbability: 0.25, raceWinners: [4, 5, 4, 6])

    @Test func entropyTakesTheTailAsOneToken() {
        #expect(abs(distribution.lumpedEntropy - 1.5 * log(2)) < 1e-15)
        let certain = ReplayDistribution(headIDs: [1], headProbabilities: [1], tailProbability: 0, raceWinners: [])
        #expect(certain.lumpedEntropy == 0)
    }

    @Test func theOriginalInHeadAndTail() {
        #expect(distribution.original(9) == .head(0.25))
        #expect(distribution.original(4) == .tail(atMost: 0.25, estimate: 0.125))
        #expect(distribution.original(8) == .tail(atMost: 0.25, estimate: 0))
        #expect(distribution.original(4).expected == 0.125 && distribution.original(4).isInTail)
    }
}
