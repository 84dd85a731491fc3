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
            struct Policy: Decodable {
                var topK: Int?
                var disallowsCorrect: Bool?
                var focal: Double?
            }
            var visit: UInt16
            var policy: Policy
            var tokens: [[Int32]]
        }
        struct Replay: Decodable {
            var temperature: Double
            var draws: [Draws]
            var weights: [[String]]
            /// Under the focal policy of exponent 1.5.
            var focalWeights: [[String]]
        }
        var replaySeed: UInt64
        var replays: [Replay]
    }

    @Test(arguments: ["head", "wide", "single", "dense"]) func drawsWhatAnotherProgramDraws(_ name: String) throws {
        let folder = FilePath(#filePath).removingLastComponent().appending("../FormatTests/Golden")
        let json = try RandomAccessFile.contents(of: folder.appending(name + ".json"))
        let golden = try JSONDecoder().decode(Golden.self, from: Data(json))
        let reader = try ShardReader(folder.appending(name + ".shard"))
        let blocks = try (0..<reader.blockCount).map { try reader.block(at: $0) }
        for replay in golden.replays {
            for draws in replay.draws {
                let policy = ReplayPolicy(
                    topK: draws.policy.topK, disallowsCorrect: draws.policy.disallowsCorrect ?? false,
                    focal: draws.policy.focal)
                let tempered = try ReplaySampler(reader.header, seed: golden.replaySeed, policy: policy)
                    .tempered(to: replay.temperature)
                var number = 0
                for block in blocks {
                    for row in 0..<block.sequenceCount {
                        let expected = draws.tokens[number]
                        var tokens = [Int32](repeating: -1, count: expected.count)
                        var labels = [UInt8](repeating: 9, count: expected.count)
                        var tokenSpan = tokens.mutableSpan
                        var labelSpan = labels.mutableSpan
                        let counts = tempered.replay(
                            block, row: row, visit: draws.visit, tokens: &tokenSpan, labels: &labelSpan)
                        #expect(
                            tokens == expected,
                            "T = \(replay.temperature), visit \(draws.visit), \(policy), sequence \(number)")
                        let originals = block.tokens[block.tokenRange(ofSequence: row)]
                        #expect(labels == zip(tokens, originals).map { $0 == $1 ? 0 : 1 })
                        #expect(counts.tokens == expected.count)
                        #expect(counts.masked == block.maskedRange(ofSequence: row).count)
                        #expect(counts.replaced == labels.count { $0 == 1 })
                        #expect(counts.sampledOriginal == counts.masked - counts.replaced)
                        number += 1
                    }
                }
            }
            let weights = TemperedWeights(reader.header, temperature: replay.temperature, policy: ReplayPolicy())
            let found = blocks.flatMap { block in
                (0..<block.maskedCount).map { masked in
                    weights.parts(of: block, masked: masked).map {
                        let digits = String($0.bitPattern, radix: 16)
                        return String(repeating: "0", count: 16 - digits.count) + digits
                    }
                }
            }
            #expect(found == replay.weights, "T = \(replay.temperature)")
            let focal = TemperedWeights(
                reader.header, temperature: replay.temperature, policy: ReplayPolicy(focal: 1.5))
            let transformed = blocks.flatMap { block in
                (0..<block.maskedCount).map { focal.sums(of: block, masked: $0) }
            }
            #expect(transformed == replay.focalWeights.map(Self.sums), "T = \(replay.temperature)")
        }
    }
}

extension ReplayGoldenTests {
    /// The tail's weight, and its sums with the others up to each one.
    fileprivate static func sums(_ weights: [String]) -> [Double] {
        let weights = weights.map { Double(bitPattern: UInt64($0, radix: 16) ?? 0) }
        var sum = weights[0]
        return [sum]
            + weights.dropFirst().map {
                sum += $0
                return sum
            }
    }
}

extension TemperedWeights {
    /// The tail's weight, and its sums with the candidates' and the original's up to each one.
    fileprivate func sums(of block: SequenceBlock, masked: Int) -> [Double] {
        let count = block.candidateRange(ofMasked: masked).count
        var sums = [Double](repeating: 0, count: Self.capacity(candidates: count))
        let (tail, total) = sums.withUnsafeMutableBufferPointer { add(of: block, masked: masked, into: $0) }
        return [tail] + sums[..<count] + [total]
    }

    /// The tail's weight, the candidates', and the original's if it is none of them.
    fileprivate func parts(of block: SequenceBlock, masked: Int) -> [Double] {
        let count = block.candidateRange(ofMasked: masked).count + 1
        let head = stride(from: 0, to: count, by: 8).flatMap { first in
            let weights = weights(of: block, masked: masked, from: first)
            return (0..<min(8, count - first)).map { weights[$0] }
        }
        return [tailWeight(of: block, masked: masked)] + head
    }
}
