import Fixtures
import Format
import Random
import Replay
import Storage
import Study
import SystemPackage
import Testing

@Suite struct RewrittenShardsTests {
    /// Three candidates and a tail that holds half of the mass and more.
    private func source() throws -> Dataset {
        let folder = try temporaryFolder()
        let header = ShardHeader(
            vocabularySize: 40, vocabularySHA256: String(repeating: "a", count: 64),
            generatorSHA256: String(repeating: "b", count: 64),
            specialTokens: SpecialTokens(padding: 0, classification: 2, separator: 3, mask: 4), maximumLength: 12,
            maskProbability: 0.3, seed: 1, candidates: 3...3, visitCount: 2,
            temperatureRange: TemperatureRange(from: 1, to: 2), tailNodes: [1, 1.25, 1.5, 1.75, 2], changeParts: 2048,
            deviation: 0.01, blockSize: 8)
        var writer = try ShardWriter(folder.appending(header.fileName), header: header)
        for first in [0, 8] {
            var block = SequenceBlock(shape: header.blockShape)
            for row in 0..<(first == 0 ? 8 : 3) {
                let tokens: [Int32] = [2, 10, Int32(11 + row), 12, 10, 3]
                block.appendSequence(tokens.span)
                for position in [1, 3] {
                    let (ids, deficits): ([Int32], [Double]) = ([20, 21, 22], [0, 0.5, 1])
                    let masses = header.tailNodes.map { _ in 1.5 }
                    block.appendMaskedPosition(
                        position, headIDs: ids.span, deficits: deficits.span, originalDeficit: 20,
                        tailLogMasses: masses.span)
                    for _ in 0..<2 {
                        let leaders: [Int32] = [30]
                        block.appendRace(leaders: leaders.span, changes: [Double]().span)
                    }
                }
            }
            try writer.append(BlockEncoder().encode(block))
        }
        try writer.commit(endingPass: true)
        try Manifest(scanning: folder).write(to: folder)
        return try Dataset(folder)
    }

    /// What is drawn at the masked positions, over some visits.
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
        let source = try source()
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
        let source = try source()
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
