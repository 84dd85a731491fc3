import Format
import Foundation
import Seeds
import Storage
import SystemPackage
import Testing

/// One byte of a shard becomes another.
@Suite struct ByteFlipTests {
    /// FAST_ELECTRA_FUZZ_ROUNDS=100000 for the acceptance figure; the suite makes do with fewer.
    static let rounds = ProcessInfo.processInfo.environment["FAST_ELECTRA_FUZZ_ROUNDS"].flatMap { Int($0) }

    /// A shard in which any byte can be changed in place.
    private final class OpenShard {
        let folder: TemporaryFolder
        let path: FilePath
        let blocks: [SequenceBlock]
        let bytes: [UInt8]
        private let file: FileDescriptor

        init(_ header: ShardHeader, blocks: [SequenceBlock]) throws {
            folder = try TemporaryFolder()
            path = folder.file("tested.shard")
            self.blocks = blocks.enumerated().map { index, block in
                var placed = block
                placed.first.number = UInt64(index * header.blockSize)
                return placed
            }
            let encoder = BlockEncoder(level: 3)
            var writer = try ShardWriter(path, header: header)
            for block in blocks { try writer.append(encoder.encode(block)) }
            try writer.commit(endingPass: true)
            bytes = try RandomAccessFile.contents(of: path)
            file = try FileDescriptor.open(path, .readWrite)
        }

        deinit { try? file.close() }

        /// Runs `body` while the byte at `offset` has another value.
        func withByte<Result>(at offset: Int, _ value: UInt8, _ body: () throws -> Result) throws -> Result {
            try set(offset, value)
            defer { try? set(offset, bytes[offset]) }
            return try body()
        }

        private func set(_ offset: Int, _ value: UInt8) throws {
            try withUnsafeBytes(of: value) { _ = try file.writeAll(toAbsoluteOffset: Int64(offset), $0) }
        }

        /// Whether the shard is refused when it is opened, or one of some blocks when it is read.
        ///
        /// - Parameter reader: One that was opened before the change. Only for changes within blocks: opening reads none.
        func isRefused(
            blocks indices: some Sequence<Int>, of reader: ShardReader? = nil, _ decoder: BlockDecoder
        ) throws -> Bool {
            do {
                let reader = try reader ?? ShardReader(path)
                for index in indices where try reader.block(at: index, using: decoder) != blocks[index] {
                    Issue.record("other content without an error")
                }
                return false
            } catch let error as ShardError {
                #expect(error.kind != .inputOutput)
                return true
            }
        }
    }

    /// Every other value of every byte, of the smallest shard that has every column and every structure.
    @Test func everyValueOfEveryByte() throws {
        let header = sampleHeader(vocabularySize: 600, candidates: 2, visits: 1, blockSize: 2, maximumLength: 8)
        var random = SplitMix(seed: 12)
        let shard = try OpenShard(header, blocks: [sampleBlock(header, sequences: 2, using: &random)])
        try #require(shard.blocks[0].maskedCount > 0 && !shard.blocks[0].changeCodes.isEmpty)
        let decoder = BlockDecoder()
        var harmless = 0
        for offset in shard.bytes.indices {
            for change in 1...UInt8.max {
                harmless += try shard.withByte(at: offset, shard.bytes[offset] ^ change) {
                    try shard.isRefused(blocks: 0..<1, decoder) ? 0 : 1
                }
            }
        }
        // In zstd's headers: bits that mean nothing, or not for this content.
        #expect(harmless < 16)
    }

    /// Random bytes of a shard of many blocks. Of a changed block only that block is read; for some it is checked that
    /// reading the whole shard gives the same.
    @Test func randomBytesOfALargeShard() throws {
        let header = sampleHeader(
            vocabularySize: 30522, candidates: 16, visits: 4, blockSize: 8, maximumLength: 128)
        let seed = drawnSeed()
        var random = SplitMix(seed: seed)
        let shard = try OpenShard(header, blocks: (0..<400).map { _ in plausibleBlock(header, using: &random) })
        try #require(shard.bytes.count > 2_000_000)
        let reader = try ShardReader(shard.path)
        var ends = [Int(number(shard.bytes, 20)) + 28]
        let seekTable = shard.bytes.count - 17 - 12 * (reader.blockCount + 2)
        for block in 0..<reader.blockCount {
            ends.append(ends[block] + Int(number(shard.bytes, seekTable + 8 + 12 * (block + 1))))
        }
        let decoder = BlockDecoder()
        var harmless = 0
        let rounds = Self.rounds ?? 10_000
        for round in 0..<rounds {
            let offset = Int.random(in: shard.bytes.indices, using: &random)
            let value = shard.bytes[offset] ^ UInt8.random(in: 1...255, using: &random)
            harmless += try shard.withByte(at: offset, value) {
                let isRefused: Bool
                if let block = ends.firstIndex(where: { offset < $0 }), block > 0 {
                    isRefused = try shard.isRefused(blocks: [block - 1], of: reader, decoder)
                    if round % 1000 == 0 {
                        #expect(try shard.isRefused(blocks: shard.blocks.indices, decoder) == isRefused, "seed \(seed)")
                    }
                } else {
                    isRefused = try shard.isRefused(blocks: 0..<0, decoder)
                    #expect(isRefused, "byte \(offset) of a structure, seed \(seed)")
                }
                return isRefused ? 0 : 1
            }
        }
        // Bits of zstd's headers that mean nothing: ten of 10,000 were seen with one seed.
        #expect(harmless < max(30, rounds / 300), "seed \(seed)")
    }
}

/// A block like those of real text: frequent tokens, steep heads, few lead changes.
private func plausibleBlock(_ header: ShardHeader, using random: inout SplitMix) -> SequenceBlock {
    let shape = header.blockShape
    // By Zipf's law.
    func token() -> Int32 {
        Int32(pow(Double(shape.vocabularySize), Double.random(in: 0..<1, using: &random))) - 1
    }
    let masses = (0..<shape.nodeCount).map { 3 - 0.5 * Double($0) }
    var block = SequenceBlock(shape: shape)
    for _ in 0..<header.blockSize {
        let tokens = (0..<shape.maximumLength).map { _ in token() }
        block.appendSequence(tokens.span)
        for position in stride(from: 3, to: shape.maximumLength, by: 7) {
            let ids = (0..<Int.random(in: shape.candidateCounts, using: &random)).map { _ in token() }
            let deficits = ids.indices.map {
                log(1 + Double($0)) + ($0 > 0 ? Double.random(in: 0...0.1, using: &random) : 0)
            }
            .sorted()
            block.appendMaskedPosition(
                position, headIDs: ids.span, deficits: deficits.span, originalDeficit: deficits[ids.count - 1] + 1,
                tailLogMasses: masses.span)
            for _ in 0..<Int.random(in: 1...shape.visitCount, using: &random) {
                let leaders = [token(), token()]
                let changes = [Double.random(in: 1...2048, using: &random)]
                block.appendRace(leaders: leaders.span, changes: changes.span)
            }
        }
    }
    return block
}
