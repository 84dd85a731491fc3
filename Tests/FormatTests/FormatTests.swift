import Format
import Seeds
import Storage
import SystemPackage
import Testing

@Suite struct ShardRoundTripTests {
    struct Case: CustomTestStringConvertible {
        var vocabularySize: Int
        var candidates: Int
        var testDescription: String { "V = \(vocabularySize), k = \(candidates)" }
    }

    static let cases = [5, 27, 600, 30522, 1 << 20].flatMap { size in
        [1, 4, 5, 8, 27, 600].filter { $0 <= size }.map { Case(vocabularySize: size, candidates: $0) }
    }

    @Test(arguments: cases) func returnsWhatWasWritten(_ one: Case) throws {
        let seed = drawnSeed()
        var random = SplitMix(seed: seed)
        let folder = try TemporaryFolder()
        let header = sampleHeader(vocabularySize: one.vocabularySize, candidates: one.candidates)
        let blocks = [8, 8, 5].enumerated().map {
            sampleBlock(header, sequences: $1, first: UInt64(8 * $0), using: &random)
        }
        let path = folder.file(header.fileName)
        var writer = try ShardWriter(path, header: header)
        let encoder = BlockEncoder()
        for block in blocks { try writer.append(encoder.encode(block)) }
        let entry = try writer.commit(endingPass: true)

        let reader = try ShardReader(path)
        #expect(reader.header == header)
        #expect(reader.endsPass)
        #expect(reader.counts.sequences == 21)
        #expect(reader.counts.tokens == UInt64(blocks.reduce(0) { $0 + $1.tokenCount }))
        #expect(reader.counts == entry.counts)
        #expect(try UInt64(RandomAccessFile.contents(of: path).count) == entry.byteCount)
        for (index, block) in blocks.enumerated() {
            #expect(try reader.block(at: index) == block, "seed \(seed)")
        }
        #expect(reader.place(ofSequence: 17) == (2, 1))
    }
}
