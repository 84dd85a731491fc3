import Format
import Testing

/// A shard taken apart, to be put together again with something wrong in it and every checksum right.
struct ShardForge {
    var json: String
    /// The content of each block, decompressed.
    var contents: [[UInt8]]
    /// [blocks] Sequences, tokens, masked positions and the source, as the block index says.
    var indexCounts: [[UInt32]]
    /// The sizes that the index claims for the content of blocks, where they are not the truth.
    var claimedContentSizes: [Int: UInt32] = [:]
    /// The frame of a block, where it is not the content's.
    var frames: [Int: [UInt8]] = [:]
    var flags: UInt32
    var version: UInt32 = 0x1_0000

    init(_ shard: [UInt8]) throws {
        let jsonSize = Int(number(shard, 20))
        json = String(decoding: shard[24..<(24 + jsonSize)], as: UTF8.self)
        let frames = Int(number(shard, shard.count - 9))
        let seekTable = shard.count - 8 - 9 - 12 * frames
        var offset = 28 + jsonSize
        let decompressor = FrameDecompressor()
        var contents: [[UInt8]] = []
        for frame in 1..<(frames - 1) {
            let size = Int(number(shard, seekTable + 8 + 12 * frame))
            let contentSize = Int(number(shard, seekTable + 12 + 12 * frame))
            try decompressor.decompress(Array(shard[offset..<(offset + size)]), expecting: contentSize)
            contents.append(Array(decompressor.content[..<contentSize]))
            offset += size
        }
        self.contents = contents
        flags = number(shard, offset + 20)
        indexCounts = contents.indices.map { block in
            (3..<7).map { number(shard, offset + 28 + 28 * block + 4 * $0) }
        }
    }

    /// The shard, with all sizes and checksums as they should be.
    func assemble() -> [UInt8] {
        var shard = bytes(0x184D_2A50) + bytes(UInt32(json.utf8.count + 20)) + Array("HEADRACE".utf8)
        shard += bytes(version) + bytes(UInt32(json.utf8.count)) + Array(json.utf8)
        let headerChecksum = CyclicRedundancyCheck.of(shard)
        shard += bytes(headerChecksum)
        let nothing: [UInt32] = [0, 0x51D8_E999]
        var seek = ([UInt32(shard.count)] + nothing).flatMap(bytes)
        var index = bytes(0x184D_2A50) + bytes(UInt32(24 + 28 * contents.count)) + Array("HRBLOCKS".utf8)
        index += bytes(headerChecksum) + bytes(flags) + bytes(UInt32(contents.count))
        let compressor = FrameCompressor(level: 3)
        for (block, content) in contents.enumerated() {
            let frame = frames[block] ?? compressor.compress(content, pieces: [0..<content.count]).frame
            let entry =
                bytes(UInt32(frame.count)) + bytes(claimedContentSizes[block] ?? UInt32(content.count))
                + frame.suffix(4)
            shard += frame
            seek += entry
            index += entry + indexCounts[block].flatMap(bytes)
        }
        index += bytes(CyclicRedundancyCheck.of(index))
        seek += ([UInt32(index.count)] + nothing).flatMap(bytes)
        shard += index + bytes(0x184D_2A5E) + bytes(UInt32(seek.count + 9)) + seek
        return shard + bytes(UInt32(contents.count + 2)) + [0x80] + bytes(0x8F92_EAB1)
    }

    /// Where a column of a block starts, and its number of elements.
    func column(_ name: String, ofBlock block: Int, header: ShardHeader) throws -> (offset: Int, count: Int) {
        let column = try #require(columns(ofBlock: block, header: header).first { $0.name == name })
        return (column.range.lowerBound, column.range.count / column.width)
    }

    /// The columns of a block in their order: where each lies in its content, and the bytes of its elements.
    func columns(ofBlock block: Int, header: ShardHeader) -> [(name: String, range: Range<Int>, width: Int)] {
        let counts = (0..<7).map { Int(number(contents[block], 4 * $0)) }
        let (sequences, tokens, masked, candidates) = (counts[0], counts[1], counts[2], counts[3])
        let (tails, races, changes) = (counts[4], counts[5], counts[6])
        let width = header.vocabularySize > 65536 ? 4 : 2
        var offset = 28
        return [
            ("lengths", 2, sequences), ("sources", 2, sequences), ("secondSegments", 2, sequences),
            ("maskCounts", 2, sequences), ("tokens", width, tokens), ("maskGaps", 2, masked),
            ("candidateCounts", width, masked), ("headIDs", width, candidates), ("headGaps", 2, candidates - masked),
            ("originalGaps", 2, masked), ("raceCounts", 2, masked), ("tailCodes", 4, tails * header.tailNodes.count),
            ("changeCounts", 2, races), ("winners", width, races + changes), ("changeGaps", 2, changes),
        ].map { name, width, count in
            defer { offset += width * count }
            return (name, offset..<(offset + width * count), width)
        }
    }
}

func number(_ bytes: [UInt8], _ offset: Int) -> UInt32 {
    (0..<4).reduce(0) { $0 | UInt32(bytes[offset + $1]) << (8 * UInt32($1)) }
}

func bytes(_ number: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
}
