import Distillation
import Format
import Foundation
import Random
import Replay

/// Writes a shard of logits that come from nowhere in particular into the folder `shards`, and replays it. Put a model's in their place.
@main enum ShardOfLogits {
    static func main() throws {
        let header = try ShardHeader(
            vocabularySize: 1000, vocabularySHA256: String(repeating: "0", count: 64),
            generatorSHA256: String(repeating: "0", count: 64),
            specialTokens: SpecialTokens(padding: 0, classification: 1, separator: 2, mask: 3), maximumLength: 8,
            maskProbability: 0.25, seed: 1, keeping: 1...16, visits: 4,
            over: TemperatureRange(from: 1, to: 2))
        try FileManager.default.createDirectory(atPath: "shards", withIntermediateDirectories: true)

        var block = SequenceBlock(shape: header.blockShape)
        let distillation = HeadAndRaces(header)
        for sequence in 0..<4 as Range<UInt64> {
            block.appendSequence([1, 10, 20, 30, 40, 50, 60, 2].span)
            var noise = RandomStream(seed: 7, purpose: .inspection).draws(pass: 0, sequence: sequence, position: 0)
            for position in [2, 5] {
                var logits = (0..<1000).map { _ in Float(noise.integer(in: 0..<1000)) / 100 }
                var row = logits.mutableSpan
                try distillation.append(&row, atPosition: position, ofSequence: sequence, to: &block)
            }
        }
        var writer = try ShardWriter("shards/pass-00000-sequence-000000000000000.shard", header: header)
        try writer.append(BlockEncoder().encode(block))
        try writer.commit(endingPass: true)

        let data = try Dataset("shards")
        let stored = try data.block(at: data.place(ofBlock: 0))
        for temperature in [1.0, 2.0] {
            let replay = try ReplaySampler(data.header, seed: 1).tempered(to: temperature)
            var (tokens, labels) = ([Int32](repeating: 0, count: 8), [UInt8](repeating: 0, count: 8))
            var tokenSpan = tokens.mutableSpan
            var labelSpan = labels.mutableSpan
            let counts = replay.replay(stored, row: 0, visit: 0, tokens: &tokenSpan, labels: &labelSpan)
            print("T = \(temperature): \(tokens), \(counts.replaced) of \(counts.masked) replaced")
        }
    }
}
