import Format
import Storage
import SystemPackage
import Testing

/// Indices, seek tables, frames and columns that no writer writes, under checksums that are right.
@Suite struct ForgedIndexTests {
    let folder: TemporaryFolder
    let valid: ShardForge
    let header = sampleHeader(vocabularySize: 600, candidates: 3, visits: 2, blockSize: 2, maximumLength: 12)

    init() throws {
        folder = try TemporaryFolder()
        var random = SplitMix(seed: 8)
        var writer = try ShardWriter(folder.file("valid.shard"), header: header)
        for _ in 0..<2 { try writer.append(BlockEncoder().encode(sampleBlock(header, sequences: 2, using: &random))) }
        try writer.commit(endingPass: true)
        valid = try ShardForge(RandomAccessFile.contents(of: folder.file("valid.shard")))
    }

    private func read(_ bytes: [UInt8], _ body: (SequenceBlock) -> Void = { _ in }) throws(ShardError) {
        do {
            try folder.write(bytes, as: "tested.shard")
        } catch {
            Issue.record(error)
        }
        let reader = try ShardReader(folder.file("tested.shard"))
        for block in 0..<reader.blockCount { body(try reader.block(at: block)) }
    }

    private func expectRefusal(_ bytes: [UInt8], _ comment: Comment) {
        let error = #expect(throws: ShardError.self, comment) { try read(bytes) }
        #expect(error?.kind != .inputOutput, comment)
    }

    static let extremes: [UInt32] = [0, 1, 2, 8, 9, 1 << 16, 1 << 20, 1 << 30, (1 << 30) + 1, 1 << 31, .max - 1, .max]

    /// Every word of the index, its checksum repaired, and the seek table either as it implies or as it was.
    @Test func everyWordOfTheIndex() throws {
        let shard = valid.assemble()
        let seekTable = shard.count - 17 - 12 * 4
        let index = seekTable - 32 - 56
        for word in 0..<21 {
            for value in Self.extremes + [1, 2, 255].map({ number(shard, index + 4 * word) &+ $0 }) {
                if number(shard, index + 4 * word) == value { continue }
                var bytes = shard
                bytes.replaceSubrange((index + 4 * word)..<(index + 4 * word + 4), with: FormatTests.bytes(value))
                // Flags of 0 and 1 are both right.
                if word == 5, value < 2 { continue }
                bytes.replaceSubrange(
                    (seekTable - 4)..<seekTable,
                    with: FormatTests.bytes(CyclicRedundancyCheck.of(bytes[index..<(seekTable - 4)])))
                expectRefusal(bytes, "word \(word) of the index is \(value)")
                let field = (word - 7) % 7
                guard word >= 7, field < 3 else { continue }
                let entry = seekTable + 8 + 12 * (1 + (word - 7) / 7) + 4 * field
                bytes.replaceSubrange(entry..<(entry + 4), with: FormatTests.bytes(value))
                expectRefusal(bytes, "word \(word) of the index and its like are \(value)")
            }
        }
    }

    @Test func everyWordOfTheSeekTable() throws {
        let shard = valid.assemble()
        for offset in stride(from: shard.count - 17 - 12 * 4, through: shard.count - 4, by: 1) {
            for value in Self.extremes {
                var bytes = shard
                bytes.replaceSubrange(offset..<(offset + 4), with: FormatTests.bytes(value))
                if bytes != shard { expectRefusal(bytes, "\(value) at byte \(offset)") }
            }
        }
    }

    /// Columns change places: of equal sizes or not, the result is refused or keeps the promises of a block.
    @Test func everyTwoColumnsSwapped() throws {
        let columns = valid.columns(ofBlock: 0, header: header)
        var refusals = 0
        for first in columns.indices {
            for second in columns.indices where second > first {
                var order = Array(columns.indices)
                order.swapAt(first, second)
                var forge = valid
                forge.contents[0] =
                    valid.contents[0].prefix(28) + order.flatMap { valid.contents[0][columns[$0].range] }
                if forge.contents[0] == valid.contents[0] { continue }
                let comment = Comment(rawValue: "\(columns[first].name) and \(columns[second].name)")
                do throws(ShardError) {
                    try read(forge.assemble()) { expectConsistent($0, comment) }
                } catch {
                    #expect(error.kind != .inputOutput, comment)
                    refusals += 1
                }
            }
        }
        #expect(refusals > 40)
    }

    /// The sizes that a frame may claim in its own header, up to 2^64 - 1, and every window.
    @Test func frameHeaders() throws {
        let content = valid.contents[0]
        // A single raw block, the last.
        let raw = FormatTests.bytes(UInt32(content.count) << 3 | 1).prefix(3) + content
        let checksum = FrameCompressor(level: 1).compress(content, pieces: [0..<content.count]).frame.suffix(4)
        func forged(_ descriptor: UInt8, _ fields: [UInt8]) -> [UInt8] {
            var forge = valid
            forge.frames[0] = FormatTests.bytes(0xFD2F_B528) + [descriptor] + fields + raw + checksum
            return forge.assemble()
        }
        func eight(_ size: UInt64) -> [UInt8] {
            FormatTests.bytes(UInt32(truncatingIfNeeded: size)) + FormatTests.bytes(UInt32(size >> 32))
        }
        let size = UInt64(content.count)
        try read(forged(0xE4, eight(size)))
        try read(forged(0xC4, [0] + eight(size)))
        for claim in [0, 1, size - 1, size + 1, 1 << 30, 1 << 32 | size, 1 << 62, 1 << 63, .max - 2, .max - 1, .max] {
            expectRefusal(forged(0xE4, eight(claim)), "a content of \(claim) claimed")
            expectRefusal(forged(0xC4, [0] + eight(claim)), "a content of \(claim) claimed")
        }
        for window in UInt8.min...UInt8.max {
            let isAllowed = window <= 17 << 3
            let bytes = forged(0xC4, [window] + eight(size))
            if isAllowed { try read(bytes) } else { expectRefusal(bytes, "window \(window)") }
        }
        // A dictionary, no checksum, a reserved bit, no content size.
        expectRefusal(forged(0xE5, [9] + eight(size)), "a dictionary")
        expectRefusal(forged(0xE0, eight(size)), "no checksum")
        expectRefusal(forged(0xEC, eight(size)), "a reserved bit")
        expectRefusal(forged(0x04, [0]), "no content size")
    }

    /// Frames of zstd's formats before 1.0, which its library may still open, and anything else that is not a frame.
    @Test func magicNumbersOfFrames() throws {
        let magicNumbers: [UInt32] = [
            0xFD2F_B527, 0xFD2F_B526, 0xFD2F_B525, 0xFD2F_B524, 0x1EB5_2FFD, 0x184D_2A50, 0xEC30_A437,
        ]
        for magic in magicNumbers {
            var forge = valid
            var frame = FrameCompressor(level: 1).compress(valid.contents[0], pieces: [valid.contents[0].indices]).frame
            frame.replaceSubrange(..<4, with: FormatTests.bytes(magic))
            forge.frames[0] = frame
            expectRefusal(forge.assemble(), "magic number \(magic)")
        }
        var forge = valid
        let frame = FrameCompressor(level: 1).compress(valid.contents[0], pieces: [valid.contents[0].indices]).frame
        let empty = FormatTests.bytes(0x184D_2A50) + FormatTests.bytes(0)
        for frames in [frame + frame, empty + frame, frame + empty, frame.dropLast()] {
            forge.frames[0] = frames
            expectRefusal(forge.assemble(), "not one frame")
        }
    }
}
