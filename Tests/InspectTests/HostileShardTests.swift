import Fixtures
import Format
import Inspect
import Storage
import SystemPackage
import Testing

/// Shards that no writer of ours would write: shown as they are, or refused, but never a trap.
@Suite("Hostile shards, inspected")
struct HostileShardTests {
    private static let folder = FilePath(#filePath).removingLastComponent().removingLastComponent()
        .appending("FormatTests/Finds")
    static let names = ((try? Folder(folder).names()) ?? []).filter { FilePath($0).extension == "shard" }

    /// All that the command does with a shard.
    private func inspect(_ path: FilePath) throws {
        let source = try ShardSource(path)
        let sample = BlockSample(of: source.blockCount, atMost: 16, seed: 0)
        let statistics = try SampleStatistics(source, sample)
        #expect(statistics.faults.count <= sample.blocks.count)
        for point in statistics.temperatures where point.count > 0 {
            #expect(
                (0...1).contains(point.replaceRate) && (0...1).contains(point.tailMass) && (point.entropy ?? 0) >= 0)
            #expect(point.entropyHistogram.reduce(0, +) == (point.entropy == nil ? 0 : point.count))
            #expect((0...1).contains(point.tailMass(percentile: 50)))
        }
        let reading = try ReadingSample(source, sample, limit: 64, byteLimit: 100_000)
        _ = reading.tokenIDs
        let shared = try SharedPositions(of: source, and: source, sample)
        #expect(shared.sharedPositions <= shared.maskedPositions)
        for point in shared.temperatures {
            #expect((0...1.000_001).contains(point.totalVariation ?? 0) && (point.jensenShannon ?? 0) < 0.694)
        }
        let estimate = TrainingEstimate(source.counts, vocabularySize: source.header.vocabularySize)
        #expect(estimate.models.count > 1)
        for sequence in [0, source.counts.sequences / 2, source.counts.sequences] {
            do {
                _ = try source.sequence(sequence)
            } catch let error as InspectionError {
                #expect(error.kind == .noSuchSequence(sequence, count: source.counts.sequences))
            } catch is ShardError {}
        }
    }

    @Test func thereAreFinds() { #expect(Self.names.count > 10) }

    @Test(arguments: names) func finds(_ name: String) throws {
        do {
            try inspect(Self.folder.appending(name))
        } catch let error as ShardError {
            #expect(error.kind != .inputOutput)
        }
    }

    /// Headers at the limits of the format.
    @Test(
        arguments: [
            (2, 1, 1, 1...1), (1, 1, 0, 1...2), (Int(Int32.max), Int(Int32.max), 0, 1...2),
            (Int(Int32.max), 1, 256, (1 / 64)...64), (Int(Int32.max), Int(Int32.max) - 1, 1, 1...1),
            (65_536, 16, 4, 64...64),
        ] as [(Int, Int, Int, ClosedRange<Double>)])
    func extremeHeaders(_ vocabulary: Int, _ candidates: Int, _ visits: Int, _ range: ClosedRange<Double>) throws {
        for (length, firstSequence) in [(1, 0), (65_535, UInt64(1) << 48 - 1)] as [(Int, UInt64)] {
            for sequences in [0, 1] {
                let folder = try temporaryFolder()
                let header = ShardHeader(
                    vocabularySize: vocabulary, vocabularySHA256: String(repeating: "a", count: 64),
                    generatorSHA256: String(repeating: "b", count: 64),
                    specialTokens: SpecialTokens(padding: 0, classification: 0, separator: 0, mask: 0),
                    maximumLength: length, maskProbability: 1, seed: .max,
                    candidates: candidates...candidates, visitCount: visits,
                    temperatureRange: TemperatureRange(from: range.lowerBound, to: range.upperBound),
                    tailNodes: visits == 0 ? [] : Array(Set([range.lowerBound, range.upperBound])).sorted(),
                    changeParts: 65_535, deviation: 1,
                    blockSize: 1 << 20, pass: 65_535, firstSequence: firstSequence)
                let path = folder.appending("extreme.shard")
                var writer = try ShardWriter(path, header: header)
                if sequences > 0 {
                    var block = SequenceBlock(shape: header.blockShape)
                    block.appendSequence([Int32(vocabulary - 1)].span)
                    try writer.append(BlockEncoder(level: 1).encode(block))
                }
                try writer.commit(endingPass: true)
                try inspect(path)
            }
        }
    }

    /// One block that does not decode is left out, told, and takes nothing else with it.
    @Test func aDamagedBlock() throws {
        let shards = try SmallShards()
        var bytes = try RandomAccessFile.contents(of: shards.path)
        // The third block's checksum is the last thing before the fourth block's frame.
        let magic: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD]
        let frames = bytes.indices.dropLast(4).filter { Array(bytes[$0..<$0 + 4]) == magic }
        #expect(frames.count == 8)
        bytes[frames[2] + 30] ^= 1
        try DurableFile.write(bytes, to: shards.path)
        let source = try ShardSource(shards.path)
        let sample = BlockSample(of: source.blockCount, atMost: 100, seed: 0)
        let statistics = try SampleStatistics(source, sample)
        #expect(statistics.faults.map(\.kind) == [.blockCorrupt])
        #expect(statistics.counts.sequences == 52)
        #expect(try ReadingSample(source, sample, limit: 1000, byteLimit: 1 << 20).sequences.count == 52)
        #expect(throws: ShardError.self) { try source.sequence(16) }
        #expect(try source.sequence(24).row == 0)
        try inspect(shards.path)
    }
}
