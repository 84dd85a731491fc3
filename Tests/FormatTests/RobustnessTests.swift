import Format
import Seeds
import Storage
import SystemPackage
import Testing

/// However a shard's bytes change, a reader refuses it with a typed error or returns the content that was written.
@Suite struct RobustnessTests {
    let folder: TemporaryFolder
    let path: FilePath
    let shard: [UInt8]
    let blocks: [SequenceBlock]

    init() throws {
        folder = try TemporaryFolder()
        path = folder.file("tested.shard")
        var random = SplitMix(seed: 9)
        let header = sampleHeader(vocabularySize: 600, candidates: 3, visits: 2, blockSize: 2, maximumLength: 12)
        blocks = (0..<2).map { sampleBlock(header, sequences: 2, first: 2 * $0, using: &random) }
        var writer = try ShardWriter(path, header: header)
        for block in blocks { try writer.append(BlockEncoder().encode(block)) }
        try writer.commit(endingPass: true)
        shard = try RandomAccessFile.contents(of: path)
    }

    /// - Returns: Whether the bytes were refused.
    private func isRefused(_ bytes: [UInt8]) throws -> Bool {
        try folder.write(bytes, as: "tested.shard")
        do {
            let reader = try ShardReader(path)
            let read = try (0..<reader.blockCount).map { try reader.block(at: $0) }
            #expect(read == blocks && reader.endsPass, "other content without an error")
            return false
        } catch let error as ShardError {
            #expect(error.kind != .inputOutput)
            return true
        }
    }

    @Test func everyTruncation() throws {
        for count in 0..<shard.count {
            #expect(try isRefused(Array(shard.prefix(count))), "cut to \(count) bytes")
        }
        #expect(try !isRefused(shard))
    }

    @Test func everyFlippedBit() throws {
        var harmless = 0
        var bytes = shard
        for offset in shard.indices {
            for bit in 0..<8 {
                bytes[offset] ^= 1 << bit
                harmless += try isRefused(bytes) ? 0 : 1
                bytes[offset] = shard[offset]
            }
        }
        // Bits of zstd's frame headers that mean nothing to a decompressor, or not for this content.
        #expect(harmless < 32)
    }

    @Test func randomSplices() throws {
        let seed = drawnSeed()
        var random = SplitMix(seed: seed)
        var harmless = 0
        for _ in 0..<1000 {
            var bytes = shard
            let from = Int.random(in: 0..<shard.count, using: &random)
            let to = Int.random(in: 0..<shard.count, using: &random)
            let count = Int.random(in: 1...min(64, shard.count - from, shard.count - to), using: &random)
            switch Int.random(in: 0..<3, using: &random) {
            case 0: bytes.replaceSubrange(to..<(to + count), with: shard[from..<(from + count)])
            case 1: bytes.removeSubrange(from..<(from + count))
            default: bytes.insert(contentsOf: shard[from..<(from + count)], at: to)
            }
            if bytes != shard { harmless += try isRefused(bytes) ? 0 : 1 }
        }
        // A splice of one byte can meet the bits of zstd's frame headers that mean nothing: one run in 300 has one.
        #expect(harmless < 5, "seed \(seed)")
    }

    /// Content that is wrong under checksums that are right: refused, or consistent.
    @Test func randomContentUnderRightChecksums() throws {
        let seed = drawnSeed()
        var random = SplitMix(seed: seed)
        let valid = try ShardForge(shard)
        for _ in 0..<3000 {
            var forge = valid
            let block = Int.random(in: 0..<2, using: &random)
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let offset = Int.random(in: 0..<forge.contents[block].count, using: &random)
                forge.contents[block][offset] = UInt8.random(in: 0...255, using: &random)
            }
            try folder.write(forge.assemble(), as: "tested.shard")
            do throws(ShardError) {
                let reader = try ShardReader(path)
                for index in 0..<reader.blockCount { expectConsistent(try reader.block(at: index), "seed \(seed)") }
            } catch {
                #expect(error.kind != .inputOutput, "seed \(seed)")
            }
        }
    }
}
