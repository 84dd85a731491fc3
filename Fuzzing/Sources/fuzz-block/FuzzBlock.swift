import Format
import FuzzDriver
import Replay
import SystemPackage

/// Header and content of a block that may be anything, under checksums that are right: read, verified and replayed.
@main
enum FuzzBlock {
    private static let file = MemoryFile("shard")

    static func main() {
        Fuzzer.run { data, count in
            FuzzBlock.test(UnsafeRawBufferPointer(start: data, count: count))
            return 0
        }
    }

    private static func test(_ bytes: UnsafeRawBufferPointer) {
        file.write(ForgedShard(bytes).assemble())
        if let reader = try? ShardReader(file.path), let block = try? reader.block(at: 0) {
            replay(block, reader.header)
        }
        _ = ShardVerifier.verify(shard: file.path)
    }

    /// Draws every masked position at both ends of the temperature range and in its middle.
    private static func replay(_ block: SequenceBlock, _ header: ShardHeader) {
        let sampler = ReplaySampler(header, seed: 1)
        let range = header.temperatureRange
        for temperature in [range.minimum, range.minimum / 2 + range.maximum / 2, range.maximum] {
            do {
                let replay = try sampler.tempered(to: temperature)
                for row in 0..<block.sequenceCount { Self.replay(block, row, header, replay) }
            } catch {
                preconditionFailure("the shard's own temperature \(temperature) is refused")
            }
        }
    }

    private static func replay(_ block: SequenceBlock, _ row: Int, _ header: ShardHeader, _ replay: TemperedReplay) {
        let count = block.tokenRange(ofSequence: row).count
        var tokens = [Int32](repeating: -1, count: count)
        var labels = [UInt8](repeating: 2, count: count)
        for visit in [0, 1, UInt16.max] {
            var tokenSpan = tokens.mutableSpan
            var labelSpan = labels.mutableSpan
            _ = replay.replay(
                block, row: row, visit: visit, tokens: &tokenSpan, labels: &labelSpan)
        }
        precondition(tokens.allSatisfy { $0 >= 0 && Int($0) < header.vocabularySize } && !labels.contains(2))
        for masked in block.maskedRange(ofSequence: row) {
            let seen = replay.distribution(of: block, masked: masked)
            precondition(
                (seen.headProbabilities + [seen.originalProbability, seen.tailProbability]).allSatisfy {
                    $0 >= 0 && $0 <= 1
                })
        }
    }
}
