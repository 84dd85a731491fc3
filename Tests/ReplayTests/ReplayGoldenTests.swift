import Format
import FoundationEssentials
import Replay
import Storage
import SystemPackage
import Testing

/// Replays are those of another program that was written from the specification, to the last bit
/// (`Tests/FormatTests/Golden/make_golden.py`).
@Suite struct ReplayGoldenTests {
    struct Golden: Decodable {
        struct Draws: Decodable {
            var visit: UInt16
            var tokens: [[Int32]]
        }
        struct Replay: Decodable {
            var temperature: Double
            var draws: [Draws]
            var probabilities: [[String]]
        }
        var replaySeed: UInt64
        var firstEntry: UInt64
        var replays: [Replay]
    }

    @Test(arguments: ["head", "races", "dense"]) func drawsWhatAnotherProgramDraws(_ name: String) throws {
        let folder = FilePath(#filePath).removingLastComponent().appending("../../FormatTests/Golden")
        let json = try RandomAccessFile.contents(of: folder.appending(name + ".json"))
        let golden = try JSONDecoder().decode(Golden.self, from: Data(json))
        let reader = try ShardReader(folder.appending(name + ".shard"))
        let sampler = ReplaySampler(reader.header, seed: golden.replaySeed)
        let blocks = try (0..<reader.blockCount).map { try reader.block(at: $0) }
        for replay in golden.replays {
            let tempered = try sampler.tempered(to: replay.temperature)
            for draws in replay.draws {
                var entry = golden.firstEntry
                for block in blocks {
                    for row in 0..<block.sequenceCount {
                        let expected = draws.tokens[Int(entry - golden.firstEntry)]
                        var tokens = [Int32](repeating: -1, count: expected.count)
                        var labels = [UInt8](repeating: 9, count: expected.count)
                        var tokenSpan = tokens.mutableSpan
                        var labelSpan = labels.mutableSpan
                        let counts = tempered.replay(
                            block, row: row, entry: entry, visit: draws.visit, tokens: &tokenSpan, labels: &labelSpan)
                        #expect(tokens == expected, "T = \(replay.temperature), visit \(draws.visit), entry \(entry)")
                        let originals = block.tokens[block.tokenRange(ofSequence: row)]
                        #expect(labels == zip(tokens, originals).map { $0 == $1 ? 0 : 1 })
                        #expect(counts.tokens == expected.count)
                        #expect(counts.masked == block.maskedRange(ofSequence: row).count)
                        #expect(counts.replaced == labels.count { $0 == 1 })
                        #expect(counts.sampledOriginal == counts.masked - counts.replaced)
                        entry += 1
                    }
                }
            }
            let probabilities = blocks.flatMap { block in
                (0..<block.maskedCount).map { masked in
                    tempered.distribution(of: block, masked: masked).headProbabilities.map {
                        let digits = String($0.bitPattern, radix: 16)
                        return String(repeating: "0", count: 16 - digits.count) + digits
                    }
                }
            }
            #expect(probabilities == replay.probabilities, "T = \(replay.temperature)")
        }
    }
}
