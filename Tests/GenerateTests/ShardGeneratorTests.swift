import Corpus
import Fixtures
import Format
import Generate
import Kernels
import Models
import Storage
import SystemPackage
import Testing

@Suite struct ShardGeneratorTests {
    private let generator = RandomGenerator()
    /// More than one shard of 64 blocks of 4 sequences.
    private let sequenceCount = 300

    private func generate(
        into folder: FilePath, threads: Int = 1, passes: Int = 1, text: UInt64 = 5, stoppingAfter tokens: Int = .max
    ) throws -> GenerationSummary {
        var seen = 0
        return try ShardGenerator(
            generator.model, parameters: generator.parameters, header: generator.header(),
            masking: generator.masking, passes: passes, threads: threads, folder: folder
        ).generate(
            from: { _ in RandomGenerator.Source(count: sequenceCount, seed: text) }, input: FileSnapshot(of: []),
            progress: { seen = $0.tokens },
            isInterrupted: { seen >= tokens })
    }

    private func contents(of folder: FilePath) throws -> [String: [UInt8]] {
        try Folder(folder).names().reduce(into: [:]) {
            $0[$1] = try RandomAccessFile.contents(of: folder.appending($1))
        }
    }

    @Test func isTheSameForAnyNumberOfThreads() throws {
        let folders = try [1, 2, 4].map { threads in
            let folder = try temporaryFolder()
            _ = try generate(into: folder, threads: threads, passes: 2)
            return try contents(of: folder)
        }
        #expect(folders[0].count == 2 * 2 + 1, "two shards a pass, and the manifest")
        #expect(folders[0] == folders[1])
        #expect(folders[0] == folders[2])
    }

    @Test func passesDifferAndCoverTheSameText() throws {
        let folder = try temporaryFolder()
        _ = try generate(into: folder, passes: 2)
        let dataset = try Dataset(folder)
        #expect(dataset.isComplete && dataset.passCount == 2 && dataset.sequenceCount == UInt64(sequenceCount))
        var differing = 0
        for sequence in 0..<UInt64(sequenceCount) {
            let (first, firstRow) = dataset.place(ofEntry: sequence)
            let (second, secondRow) = dataset.place(ofEntry: UInt64(sequenceCount) + sequence)
            let (one, two) = (try dataset.block(at: first), try dataset.block(at: second))
            #expect(
                one.tokens[one.tokenRange(ofSequence: firstRow)] == two.tokens[two.tokenRange(ofSequence: secondRow)])
            if one.maskedPositions[one.maskedRange(ofSequence: firstRow)]
                != two.maskedPositions[two.maskedRange(ofSequence: secondRow)]
            {
                differing += 1
            }
        }
        #expect(differing > sequenceCount / 2)
    }

    /// The stored values are the model's for the masked text: a sequence alone gives the head that the pipeline wrote.
    @Test func storesTheModelsHead() throws {
        let folder = try temporaryFolder()
        _ = try generate(into: folder, threads: 2)
        let dataset = try Dataset(folder)
        let workspace = EncoderWorkspace(
            generator.model.configuration, tokenCapacity: 20, longestSequence: 20, use: .inference)
        let prediction = PredictionWorkspace(generator.model.configuration, rowCapacity: 20)
        var checked = 0
        for entry in stride(from: UInt64(0), to: 300, by: 37) {
            let (place, row) = dataset.place(ofEntry: entry)
            let block = try dataset.block(at: place)
            let tokens = Array(block.tokens[block.tokenRange(ofSequence: row)])
            let masked = block.maskedRange(ofSequence: row)
            let positions = Array(block.maskedPositions[masked])
            var batch = TokenBatch()
            // Every other sequence is a pair.
            let second = Int(block.secondSegments[row])
            #expect((second > 0) == (entry % 2 == 1))
            batch.append(
                generator.masking.masked(tokens, at: positions).span, secondSegment: second > 0 ? second : nil,
                number: 0)
            generator.model.encoder.forward(batch, arena: generator.parameters, workspace: workspace)
            generator.model.predict(
                at: positions.span, of: workspace.output, arena: generator.parameters, workspace: prediction)
            for (row, index) in masked.enumerated() {
                let size = RandomGenerator.vocabularySize
                let logits = (0..<size).map { prediction.logits.span[row * size + $0] }
                let best = logits.indices.sorted { logits[$0] > logits[$1] }.prefix(8)
                let ids = block.headIDs[index * 8..<(index + 1) * 8]
                #expect(ids.elementsEqual(best.map { Int32($0) }), "sequence \(entry), position \(positions[row])")
                for (rank, id) in best.enumerated() {
                    // Steps are at most 1/16; sums of other batches round differently in the last bits.
                    let stored = Quantization.headDeficit(block.headCodes[index * 8 + rank])
                    #expect(abs(stored - Double(logits[best[0]] - logits[id])) <= 1.0 / 32 + 1e-4)
                    checked += 1
                }
            }
        }
        #expect(checked > 100)
    }

    @Test func refusesShardsOfAnotherGenerator() throws {
        let folder = try temporaryFolder()
        _ = try generate(into: folder)
        var header = generator.header()
        header.generatorSHA256 = String(repeating: "3", count: 64)
        let other = ShardGenerator(
            generator.model, parameters: generator.parameters, header: header, masking: generator.masking, passes: 1,
            threads: 1, folder: folder)
        let error = #expect(throws: ShardError.self) {
            try other.generate(
                from: { _ in RandomGenerator.Source(count: 300) }, input: FileSnapshot(of: []), progress: { _ in },
                isInterrupted: { false })
        }
        #expect(error?.kind == .mixedShards)
    }
}
