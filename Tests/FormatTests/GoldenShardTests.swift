import Format
import FoundationEssentials
import Storage
import SystemPackage
import Testing

/// Shards written by another program from the specification (`Golden/make_golden.py`).
@Suite struct GoldenShardTests {
    struct Golden: Decodable {
        struct Race: Decodable {
            var winners: [Int32]
            var changes: [UInt16]
        }
        struct Position: Decodable {
            var position: Int32
            var ids: [Int32]
            var codes: [UInt16]
            var original: UInt16
            var tail: [Int16]
            var races: [Race]
        }
        struct Sequence: Decodable {
            var source: UInt16
            var secondSegment: UInt16
            var tokens: [Int32]
            var masked: [Position]
        }
        var header: ShardHeader
        var blocks: [[Sequence]]
    }

    static let folder = FilePath(#filePath).removingLastComponent().appending("Golden")

    @Test(arguments: ["head", "wide", "single", "dense"]) func readsWhatAnotherProgramWrote(_ name: String) throws {
        let json = try RandomAccessFile.contents(of: Self.folder.appending(name + ".json"))
        let golden = try JSONDecoder().decode(Golden.self, from: Data(json))
        let reader = try ShardReader(Self.folder.appending(name + ".shard"))
        #expect(reader.header == golden.header)
        #expect(reader.header.seed == UInt64.max - 2)
        #expect(reader.endsPass)
        #expect(reader.blockCount == golden.blocks.count)
        for (index, sequences) in golden.blocks.enumerated() {
            let block = try reader.block(at: index)
            let positions = sequences.flatMap(\.masked)
            #expect(block.tokens == sequences.flatMap(\.tokens))
            #expect(
                (0..<block.sequenceCount).map { block.tokenRange(ofSequence: $0).count }
                    == sequences.map(\.tokens.count))
            #expect(
                (0..<block.sequenceCount).map { block.maskedRange(ofSequence: $0).count }
                    == sequences.map(\.masked.count))
            #expect(block.maskedPositions == positions.map(\.position))
            #expect(block.headIDs == positions.flatMap(\.ids))
            #expect(block.headCodes == positions.flatMap(\.codes))
            #expect(block.sources == sequences.map(\.source))
            #expect(block.secondSegments == sequences.map(\.secondSegment))
            #expect(
                (0..<block.maskedCount).map { block.candidateRange(ofMasked: $0).count } == positions.map(\.ids.count))
            #expect((0..<block.maskedCount).map { block.raceRange(ofMasked: $0).count } == positions.map(\.races.count))
            #expect(block.originalCodes == positions.map(\.original))
            #expect(block.first == SequencePlace(pass: 1, number: 5_000_000_000 + UInt64(3 * index)))
            #expect(block.tailCodes == positions.flatMap(\.tail))
            #expect(block.winners == positions.flatMap(\.races).flatMap(\.winners))
            #expect(block.changeCodes == positions.flatMap(\.races).flatMap(\.changes))
            #expect(
                (0..<block.raceCount).map { block.winnerOffsets[$0 + 1] - block.winnerOffsets[$0] }
                    == positions.flatMap(\.races).map { Int32($0.winners.count) })
        }
    }

    /// The bytes under the compression, which depends on the version of zstd.
    @Test(arguments: ["head", "wide", "single", "dense"]) func writesTheVeryBytesOfAnotherProgram(_ name: String) throws
    {
        let golden = try ShardReader(Self.folder.appending(name + ".shard"))
        let folder = try TemporaryFolder()
        var writer = try ShardWriter(folder.file("own.shard"), header: golden.header)
        for block in 0..<golden.blockCount {
            try writer.append(BlockEncoder().encode(golden.block(at: block)))
        }
        try writer.commit(endingPass: golden.endsPass)
        let own = try ShardForge(RandomAccessFile.contents(of: folder.file("own.shard")))
        let others = try ShardForge(RandomAccessFile.contents(of: Self.folder.appending(name + ".shard")))
        #expect(own.contents == others.contents)
        #expect(own.indexCounts == others.indexCounts)
        #expect(own.flags == others.flags)
    }

    @Test func soundByTheVerifier() {
        for name in ["head", "wide", "single", "dense"] {
            #expect(ShardVerifier.verify(shard: Self.folder.appending(name + ".shard")).faults == [])
        }
    }
}
