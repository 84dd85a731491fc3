import Format
import Inspect
import Storage
import SystemPackage
import Testing

@Suite("What is inspected")
struct ShardSourceTests {
    @Test func aFolderAndItsOnlyShardAreTheSame() throws {
        let shards = try SmallShards()
        let sources = try [shards.folder, shards.path].map { try ShardSource($0) }
        for source in sources {
            #expect(source.counts.sequences == 60 && source.blockCount == 8 && source.shardCount == 1)
            #expect(source.passCount == 1 && source.isComplete && source.folder == shards.folder)
            for index in [0, 7, 8, 59] as [UInt64] {
                let (block, row, entry) = try source.sequence(index)
                #expect(entry == index && row == Int(index % 8) && block == shards.blocks[Int(index / 8)])
            }
            for number in 0..<8 {
                let (block, first) = try source.block(number)
                #expect(block == shards.blocks[number] && first == UInt64(8 * number))
            }
            #expect(throws: InspectionError(.noSuchSequence(60, count: 60), at: source.path)) {
                try source.sequence(60)
            }
        }
        #expect(sources[0].byteCount == sources[1].byteCount)
        #expect(try sources[0].footprint(ofBlock: 3) == sources[1].footprint(ofBlock: 3))
    }

    /// A sequence is had where no other block can be read.
    @Test func oneSequenceReadsOneBlock() throws {
        let shards = try SmallShards()
        var bytes = try RandomAccessFile.contents(of: shards.path)
        let magic: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD]
        let frames = bytes.indices.dropLast(4).filter { Array(bytes[$0..<$0 + 4]) == magic }
        #expect(frames.count == 8)
        for (block, frame) in frames.enumerated() where block != 5 { bytes[frame + 30] ^= 1 }
        try DurableFile.write(bytes, to: shards.path)
        for path in [shards.folder, shards.path] {
            let source = try ShardSource(path)
            for index in 0..<60 as Range<UInt64> {
                if index / 8 == 5 {
                    #expect(try source.sequence(index).block == shards.blocks[5])
                } else {
                    #expect(throws: ShardError.self) { try source.sequence(index) }
                }
            }
        }
    }

    /// The reader's account of a frame is the encoder's.
    @Test(arguments: [1, 3, 15]) func footprintsAreWhatTheEncoderWrote(_ candidates: Int) throws {
        let shards = try SmallShards(candidates: candidates)
        let source = try ShardSource(shards.folder)
        var total = BlockFootprint()
        for (number, block) in shards.blocks.enumerated() {
            let footprint = try source.footprint(ofBlock: number)
            let encoded = BlockEncoder().encode(block)
            #expect(footprint.frameSize == encoded.frame.count && footprint.shared == 0)
            // The encoder counts the frame's checksum to the last column.
            var sizes = encoded.columnSizes.filter { $0.value > 0 }
            sizes[.changeGaps, default: 0] -= 4
            #expect(footprint.columns == sizes)
            total += footprint
        }
        #expect(total.overhead > 0 && total.overhead < total.frameSize / 2)
    }
}
