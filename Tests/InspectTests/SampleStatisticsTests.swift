import CLibrary
import Format
import Foundation
import Inspect
import Random
import Replay
import SystemPackage
import Testing

/// The statistics of a sample, against another count. `python/tests/test_inspect.py` recounts all of it with the other reader.
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
        #expect(statistics.winnersPerRace.reduce(0, +) == blocks.reduce(0) { $0 + $1.raceCount })
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
            for block in shards.blocks {
                for row in 0..<block.sequenceCount {
                    // Each with numbers of its own.
                    for visit in 2..<4 as Range<UInt16> {
                        var tokens = [Int32](repeating: 0, count: 12)
                        var labels = [UInt8](repeating: 0, count: 12)
                        var tokenSpan = tokens.mutableSpan
                        var labelSpan = labels.mutableSpan
                        counts += replay.replay(
                            block, row: row, visit: visit, tokens: &tokenSpan, labels: &labelSpan)
                    }
                }
            }
        }
        let rate = Double(counts.replaced) / Double(counts.masked)
        let error = (rate * (1 - rate) / Double(counts.masked)).squareRoot()
        #expect(error < 0.005, "enough draws to tell rates apart")
        #expect(abs(rate - shown.replaceRate) < 4 * error, "\(rate) in replays, \(shown.replaceRate) shown")
        #expect(shown.replaceRate > 0.3 && shown.replaceRate < 0.99, "a rate that could be wrong")
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

    /// Where a policy leaves no token, the original stays.
    @Test func distributionsAddUpWhereNothingMayBeDrawn() throws {
        let policy = ReplayPolicy(topK: 1, disallowsCorrect: true)
        let replay = try ReplaySampler(shards.header, seed: 0, policy: policy).tempered(to: 1)
        var kept = 0
        for block in shards.blocks {
            for masked in 0..<block.maskedCount {
                let drawn = replay.distribution(of: block, masked: masked)
                let others = drawn.originalRank == nil ? drawn.originalProbability : 0
                #expect(abs(drawn.headProbabilities.reduce(others, +) + drawn.tailProbability - 1) < 1e-12)
                if drawn.originalRank == 0 {
                    kept += 1
                    #expect(drawn.originalProbability == 1)
                }
            }
        }
        #expect(kept > 0)
    }

    /// Against all logits of the vocabulary: the entropy that the head, five nodes and their rounding give.
    @Test func entropyIsThatOfAllLogits() throws {
        var draws = RandomStream(seed: 5, purpose: .masking).draws(pass: 0, sequence: 0, position: 0)
        let size = 1000
        let header = ShardHeader(
            vocabularySize: size, vocabularySHA256: shards.header.vocabularySHA256,
            generatorSHA256: shards.header.generatorSHA256, specialTokens: shards.header.specialTokens,
            maximumLength: 100, maskProbability: 1, seed: 1, candidates: 16...16, visitCount: 1,
            temperatureRange: TemperatureRange(from: 1, to: 2), tailNodes: [1, 1.125, 1.25, 1.5, 1.75, 2],
            changeParts: 2048, deviation: 0.002, blockSize: 1)
        var block = SequenceBlock(shape: header.blockShape)
        block.appendSequence([Int32](repeating: 7, count: 100).span)
        var exact = [0.0, 0.0]
        for position in 0..<100 {
            let scale = Double.random(in: 1...4, using: &draws)
            let logits = (1...size).map { -scale * log(Double($0)) + Double.random(in: -1...1, using: &draws) }
                .sorted(by: >)
            let relative = logits.map { $0 - logits[0] }
            for (index, beta) in [1, 0.5].enumerated() {
                let total = relative.reduce(0) { $0 + exp(beta * $1) }
                exact[index] += relative.reduce(0) { $0 - exp(beta * $1) / total * (beta * $1 - log(total)) } / 100
            }
            let masses = header.tailNodes.map { node in log(relative[16...].reduce(0) { $0 + exp($1 / node) }) }
            let (ids, head) = (Array(0..<16 as Range<Int32>), relative[..<16].map { -$0 })
            block.appendMaskedPosition(
                position, headIDs: ids.span, deficits: head.span, originalDeficit: 0, tailLogMasses: masses.span)
            let (leaders, changes): ([Int32], [Double]) = ([20], [])
            block.appendRace(leaders: leaders.span, changes: changes.span)
        }
        let path = shards.folder.appending("entropy.shard")
        var writer = try ShardWriter(path, header: header)
        try writer.append(BlockEncoder().encode(block))
        try writer.commit(endingPass: true)
        let source = try ShardSource(path)
        let shown = try SampleStatistics(source, BlockSample(of: 1, atMost: 1, seed: 0)).temperatures
        for (point, entropy) in zip([shown[0], shown[16]], exact) {
            let seen = try #require(point.entropy)
            #expect(abs(seen - entropy) < 0.02, "\(seen) of \(entropy) at T = \(point.temperature)")
        }
        #expect(exact[1] > exact[0] + 0.5)
    }

    @Test func tokensAreRankedByTheirMeanProbability() {
        let all = statistics.tokens.ranked(atLeast: 1)
        #expect(all.reduce(0) { $0 + $1.count } == Int(statistics.counts.maskedPositions))
        #expect(zip(all, all.dropFirst()).allSatisfy { $0.probability >= $1.probability })
        let often = statistics.tokens.ranked(atLeast: 4)
        #expect(often == all.filter { $0.count >= 4 } && !often.isEmpty && often.count < all.count)
        let mean = all.reduce(0) { $0 + Double($1.count) * $1.probability } / Double(statistics.counts.maskedPositions)
        #expect(abs(mean - statistics.temperatures[0].originalProbability) < 1e-12)
        // By Jensen's inequality the loss is not below that of the mean, and equal only where all are alike.
        for point in statistics.temperatures { #expect(point.loss > -log(point.originalProbability)) }
    }
}

@Suite("One masked position")
struct ReplayDistributionMeasuresTests {
    let distribution = ReplayDistribution(
        headIDs: [7, 9], headProbabilities: [0.5, 0.25], originalProbability: 0.25, originalRank: 1,
        tailProbability: 0.25, raceWinners: [4, 5, 4, 6])

    /// A tail of 1 and of 8 equally probable tokens, whose logits lie below the largest as far as their shares say.
    @Test(arguments: [1, 8]) func entropyOfATailKnownByItsSlope(_ tailSize: Int) {
        for temperature in [0.5, 1, 2] {
            let logit = temperature * log(0.25 / Double(tailSize) / 0.5)
            let exact = 1.5 * log(2) + 0.25 * log(Double(tailSize))
            let entropy = { distribution.entropy(temperature: temperature, slope: $0, tailSize: tailSize) }
            #expect(abs(entropy(logit) - exact) < 1e-15)
            // Whatever a shard claims, the bounds hold.
            #expect(entropy(1e9) == 1.5 * log(2) && entropy(.nan) == 1.5 * log(2))
            #expect(abs(entropy(-1e9) - exact) < 1e-15)
        }
        let certain = ReplayDistribution(
            headIDs: [1], headProbabilities: [1], originalProbability: 1, originalRank: 0, tailProbability: 0,
            raceWinners: [])
        #expect(certain.entropy(temperature: 1, slope: 0, tailSize: 5) == 0)
    }

    /// An original that is not a candidate counts as a token of its own.
    @Test func entropyOfAnOriginalApart() {
        let apart = ReplayDistribution(
            headIDs: [7], headProbabilities: [0.5], originalProbability: 0.25, originalRank: nil, tailProbability: 0.25,
            raceWinners: [4])
        let logit = log(0.25 / 0.5)
        #expect(abs(apart.entropy(temperature: 1, slope: logit, tailSize: 1) - 1.5 * log(2)) < 1e-15)
    }
}
