import CLibrary
import Format
import Inspect
import Replay
import SystemPackage
import Testing

@Suite("Distances between distributions")
struct DivergenceTests {
    private func distribution(_ head: KeyValuePairs<Int32, Double>, original: Double = 0) -> ReplayDistribution {
        ReplayDistribution(
            headIDs: head.map(\.key), headProbabilities: head.map(\.value),
            originalProbability: original, originalRank: nil,
            tailProbability: 1 - original - head.reduce(0) { $0 + $1.value }, raceWinners: [])
    }

    @Test func ofADistributionToItself() {
        let one = distribution([3: 0.5, 1: 0.25])
        #expect(Divergence(one, one).totalVariation == 0 && Divergence(one, one).jensenShannon == 0)
    }

    /// 3 in both, with 0.5 and 0.25; the rest is a lump of 0.5 and 0.75, whatever the heads hold of it.
    @Test func overCommonTokensAndALump() {
        let divergence = Divergence(distribution([3: 0.5, 1: 0.5]), distribution([2: 0.5, 3: 0.25]))
        #expect(abs(divergence.totalVariation - 0.25) < 1e-15)
        let terms = [(0.5, 0.25), (0.5, 0.75)].map { one, other in
            let mean = (one + other) / 2
            return (one * log(one / mean) + other * log(other / mean)) / 2
        }
        #expect(abs(divergence.jensenShannon - terms[0] - terms[1]) < 1e-15)
    }

    /// The original is the same token in both, a candidate or not.
    @Test func theOriginalIsInCommon() {
        var one = distribution([3: 0.5, 1: 0.25])
        (one.originalProbability, one.originalRank) = (0.5, 0)
        let other = distribution([1: 0.25], original: 0.125)
        #expect(abs(Divergence(one, other).totalVariation - 0.375) < 1e-15)
    }

    @Test func nothingInCommonLooksTheSame() {
        let divergence = Divergence(distribution([1: 1]), distribution([2: 1]))
        #expect(divergence.totalVariation == 0, "a lower bound: all of both is in the lump")
    }
}

@Suite("Two data sets side by side")
struct SharedPositionsTests {
    private func shared(_ one: SmallShards, _ other: SmallShards) throws -> SharedPositions {
        let sources = try [one, other].map { try ShardSource($0.folder) }
        return try SharedPositions(
            of: sources[0], and: sources[1], BlockSample(of: sources[0].blockCount, atMost: 100, seed: 0))
    }

    @Test func withItself() throws {
        let shards = try SmallShards()
        let positions = try shared(shards, shards)
        let masked = shards.blocks.reduce(0) { $0 + $1.maskedCount }
        #expect(positions.sequences == 60 && positions.sharedSequences == 60)
        #expect(positions.maskedPositions == masked && positions.sharedPositions == masked)
        #expect(positions.sameFirst == masked && positions.sharedHeadTokens == 3 * masked)
        #expect(positions.temperatures.map(\.temperature) == [1, 1.5, 2])
        for point in positions.temperatures {
            #expect(point.totalVariation == 0 && point.jensenShannon == 0)
        }
    }

    /// A shard is compared with the pass that it is of, alone and in a folder.
    @Test func passesAreKeptApart() throws {
        let (first, second) = (try SmallShards(), try SmallShards(generatorSeed: 9, pass: 1))
        let both = try first.joined(with: second)
        let shard = { (shards: SmallShards) in try ShardSource(shards.folder.appending(shards.header.fileName)) }
        for (one, other, isShared) in [
            (try shard(second), try ShardSource(both), true), (try shard(first), try ShardSource(both), true),
            (try shard(first), try shard(second), false), (try shard(second), try shard(second), true),
        ] {
            let positions = try SharedPositions(
                of: one, and: other, BlockSample(of: one.blockCount, atMost: 100, seed: 0))
            #expect(positions.sequences == 60 && positions.sharedSequences == (isShared ? 60 : 0))
            for point in positions.temperatures where isShared { #expect(point.totalVariation == 0) }
        }
    }

    /// Other block sizes too: sequences are found by their number.
    @Test func withAnotherGeneratorOnTheSameText() throws {
        let positions = try shared(SmallShards(), SmallShards(sequences: 50, blockSize: 7, generatorSeed: 9))
        #expect(positions.sequences == 60 && positions.sharedSequences == 50)
        #expect(positions.sharedPositions > 0 && positions.sharedPositions < positions.maskedPositions)
        for point in positions.temperatures {
            let (variation, divergence) = (try #require(point.totalVariation), try #require(point.jensenShannon))
            #expect(variation > 0.05 && variation < 1)
            // Lin 1991: JS is at least TV² / 2 and no more than TV × log 2.
            #expect(divergence >= variation * variation / 2 && divergence <= variation * log(2))
        }
    }

    @Test func withOtherTextOrAnotherVocabulary() throws {
        let text = try shared(SmallShards(), SmallShards(contentSeed: 99))
        #expect(text.sequences == 60 && text.sharedSequences < 3)
        let vocabulary = try shared(SmallShards(), SmallShards(vocabulary: "c"))
        #expect(vocabulary.sequences == 0 && vocabulary.temperatures.isEmpty)
    }
}
