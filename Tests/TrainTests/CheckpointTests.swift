import Encoder
import Fixtures
import Format
import Optimization
import Storage
import SystemPackage
import Testing
import Train

/// What a run makes of folders that were tampered with, or left behind by a kill at a bad moment.
@Suite struct CheckpointTests {
    private func train(_ data: SyntheticDataset, into folder: FilePath, steps: Int) throws -> TrainingSummary {
        let encoder = EncoderConfiguration(
            vocabularySize: SyntheticDataset.vocabularySize, embeddingSize: 8, hiddenSize: 8, layerCount: 1,
            attentionHeadCount: 2, intermediateSize: 16, maximumPositionCount: 16)
        let settings = ReplayTrainer.Settings(
            encoder: encoder, steps: steps, batchSize: 4, learningRate: 1e-3, seed: 9, threads: 1)
        return try ReplayTrainer(settings, dataset: Dataset(data.folder), heldOut: nil, folder: folder).train(
            parameters: RunParameters([:]), progress: { _ in }, isInterrupted: { false }
        ).summary
    }

    @Test func foldersOfOtherNamesAreNoCheckpoints() throws {
        let data = try SyntheticDataset()
        let folder = try temporaryFolder()
        for name in ["checkpoint-best", "checkpoint-99999999.partial", "checkpoint-"] {
            try Folder(folder.appending(name)).create()
        }
        #expect(try train(data, into: folder, steps: 3).steps == 3)
        #expect(try train(data, into: folder, steps: 5).steps == 5)
        #expect(Folder(folder).contains("checkpoint-best") && Folder(folder).contains("checkpoint-00000005"))
    }

    /// A kill between a checkpoint and its publication leaves the run's folder without the newest model.
    @Test func aKilledPublicationIsMadeUpFor() throws {
        let data = try SyntheticDataset()
        let folder = try temporaryFolder()
        _ = try train(data, into: folder, steps: 3)
        let model = folder.appending("model.safetensors")
        let expected = try RandomAccessFile.contents(of: model)
        try DurableFile.write([1, 2, 3], to: model)
        _ = try train(data, into: folder, steps: 3)
        #expect(try RandomAccessFile.contents(of: model) == expected)
    }

    @Test func aTornLogLineIsReplaced() throws {
        let data = try SyntheticDataset()
        let folder = try temporaryFolder()
        _ = try train(data, into: folder, steps: 10)
        let path = folder.appending("metrics.jsonl")
        let whole = try RandomAccessFile.contents(of: path)
        try DurableFile.write(Array(whole.dropLast()), to: path)
        _ = try train(data, into: folder, steps: 20)
        let lines = try RandomAccessFile.contents(of: path).split(separator: UInt8(ascii: "\n"))
        #expect(lines.count == 2 && Array(lines[0]) == whole.dropLast())
    }

    @Test func incompleteShardsAreRefused() throws {
        let data = try SyntheticDataset(endsPass: false)
        let folder = try temporaryFolder()
        let error = #expect(throws: TrainingError.self) { try train(data, into: folder, steps: 3) }
        #expect(error?.kind == .incompleteShards)
    }
}
