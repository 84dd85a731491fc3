import Encoder
import Fixtures
import Format
import Foundation
import Optimization
import Storage
import SystemPackage
import Testing
import Train

@Suite struct ReplayTrainerTests {
    private func settings(steps: Int, threads: Int = 2) -> ReplayTrainer.Settings {
        let encoder = EncoderConfiguration(
            vocabularySize: SyntheticDataset.vocabularySize, embeddingSize: 16, hiddenSize: 16, layerCount: 2,
            attentionHeadCount: 2, intermediateSize: 32, maximumPositionCount: 16)
        var settings = ReplayTrainer.Settings(
            encoder: encoder, steps: steps, batchSize: 6, learningRate: 1e-3, seed: 9, threads: threads)
        settings.logInterval = 1
        settings.checkpointInterval = 5
        return settings
    }

    private func train(
        _ settings: ReplayTrainer.Settings, on data: SyntheticDataset, into folder: FilePath, heldOut: Bool = false,
        stoppingAfter limit: Int = .max
    ) throws -> (summary: TrainingSummary, didWork: Bool) {
        let dataset = try Dataset(data.folder)
        var step = 0
        return try ReplayTrainer(settings, dataset: dataset, heldOut: heldOut ? dataset : nil, folder: folder).train(
            parameters: RunParameters(["--seed": "\(settings.seed)", "--temperature": "\(settings.temperature)"]),
            progress: { if case .training(let progress) = $0 { step = progress.step } },
            isInterrupted: { step >= limit })
    }

    private func log(of folder: FilePath) throws -> [[String: Double]] {
        let bytes = try RandomAccessFile.contents(of: folder.appending("metrics.jsonl"))
        return try bytes.split(separator: UInt8(ascii: "\n")).map {
            try JSONDecoder().decode([String: Double].self, from: Data($0))
        }
    }

    /// Acceptance: the temperatures in the log are those of the formula, u being the share of updates done.
    @Test(arguments: [
        TemperatureSchedule.standard, .linear(start: 1.8, share: 0.5), .polynomial(start: 2, power: 3), .constant(1.3),
    ])
    func logsTheTemperaturesOfTheSchedule(schedule: TemperatureSchedule) throws {
        let data = try SyntheticDataset()
        let folder = try temporaryFolder()
        var settings = settings(steps: 12)
        settings.temperature = schedule
        _ = try train(settings, on: data, into: folder)
        let log = try log(of: folder)
        #expect(log.map { $0["step"] } == (1...12).map(Double.init))
        for (step, record) in log.enumerated() {
            #expect(record["temperature"] == schedule.temperature(at: Double(step) / 12))
        }
    }

    /// Interrupted between checkpoints and at one, then continued: the same bytes as never interrupted.
    @Test func continuesBitForBit() throws {
        let data = try SyntheticDataset()
        let (whole, parts) = (try temporaryFolder(), try temporaryFolder())
        _ = try train(settings(steps: 17), on: data, into: whole)
        for limit in [5, 8] {
            #expect(throws: CancellationError.self) {
                try train(settings(steps: 17), on: data, into: parts, stoppingAfter: limit)
            }
        }
        _ = try train(settings(steps: 17), on: data, into: parts)
        for name in ["model.safetensors", "config.json", "checkpoint-00000017/optimizer.safetensors"] {
            #expect(
                try RandomAccessFile.contents(of: FilePath(whole.string + "/" + name))
                    == RandomAccessFile.contents(of: FilePath(parts.string + "/" + name)), "\(name)")
        }
        let withoutRate = { (log: [[String: Double]]) in log.map { $0.filter { $0.key != "tokens_per_second" } } }
        #expect(withoutRate(try log(of: whole)) == withoutRate(try log(of: parts)))
    }

    @Test func doesNothingWhenDone() throws {
        let data = try SyntheticDataset()
        let folder = try temporaryFolder()
        let first = try train(settings(steps: 3), on: data, into: folder, heldOut: true)
        let second = try train(settings(steps: 3), on: data, into: folder, heldOut: true)
        #expect(first.didWork && !second.didWork)
        #expect(first.summary == second.summary)
        #expect(first.summary.evaluations.map(\.temperature) == [1, 2])
    }

    @Test func refusesAChangedParameter() throws {
        let data = try SyntheticDataset()
        let folder = try temporaryFolder()
        _ = try train(settings(steps: 2), on: data, into: folder)
        var changed = settings(steps: 2)
        changed.temperature = .constant(1.5)
        let error = #expect(throws: RunParameterError.self) { try train(changed, on: data, into: folder) }
        #expect(
            error?.kind == .changed("--temperature", before: "exponential:2.0:0.1", now: "constant:1.5"))
    }

    @Test func refusesATemperatureOutsideTheShards() throws {
        let data = try SyntheticDataset()
        var hot = settings(steps: 2)
        hot.temperature = .exponential(start: 3, decay: 0.1)
        let folder = try temporaryFolder()
        #expect(throws: ReplayError.self) { try train(hot, on: data, into: folder) }
    }

    @Test func keepsTheNewestCheckpoints() throws {
        let data = try SyntheticDataset()
        let folder = try temporaryFolder()
        _ = try train(settings(steps: 17), on: data, into: folder)
        let names = try Folder(folder).names().filter { $0.hasPrefix("checkpoint-") }
        #expect(names == ["checkpoint-00000015", "checkpoint-00000017"])
    }
}
