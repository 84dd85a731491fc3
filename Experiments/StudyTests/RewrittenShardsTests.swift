import Fixtures
import Format
import Random
import Replay
import Storage
import Study
import SystemPackage
import Testing

@Suite struct RewrittenShardsTests {
    /// The tokens that are drawn at the masked positions, over some visits.
    private func draws(of dataset: Dataset, temperature: Double) throws -> [Int32] {
        let replay = try ReplaySampler(dataset.header, seed: 9).tempered(to: temperature)
        var drawn: [Int32] = []
        for index in 0..<dataset.blockCount {
            let place = dataset.place(ofBlock: index)
            let block = try dataset.block(at: place)
            for row in 0..<block.sequenceCount {
                for visit in 0..<20 {
                    var tokens = [Int32](repeating: 0, count: 12)
                    var labels = [UInt8](repeating: 0, count: 12)
                    var tokenSpan = tokens.mutableSpan
                    var labelSpan = labels.mutableSpan
                    _ = replay.replay(
                        block, row: row, visit: UInt16(visit), tokens: &tokenSpan, labels: &labelSpan)
                    drawn += block.maskedRange(ofSequence: row).map { tokens[Int(block.maskedPositions[$0])] }
                }
            }
        }
        return drawn
    }

    @Test func truncatedShardsDrawStoredCandidatesAlone() throws {
        let source = try SmallDataset.make()
        let folder = try temporaryFolder().appending("truncated")
        try TruncatedShards.write(source, to: folder)
        let truncated = try Dataset(folder)
        #expect(truncated.isComplete)
        #expect(truncated.counts == source.counts)
        for temperature in [1.0, 1.4, 2.0] {
            #expect(try draws(of: source, temperature: temperature).contains(30))
            let drawn = try draws(of: truncated, temperature: temperature)
            #expect(Set(drawn) == [20, 21, 22])
        }
    }

    @Test func unigramShardsDrawByFrequency() throws {
        let source = try SmallDataset.make()
        let folder = try temporaryFolder().appending("unigram")
        try UnigramShards.write(source, to: folder)
        let unigram = try Dataset(folder)
        #expect(unigram.counts == source.counts)
        let drawn = try draws(of: unigram, temperature: 1)
        // The text holds 10 (22 times), 12 (11 times), and 11 to 18.
        #expect(Set(drawn).isSubset(of: Set(10...18)))
        let share = Double(drawn.filter { $0 == 10 }.count) / Double(drawn.count)
        #expect(abs(share - 0.5) < 0.08)
    }
}
