import Fixtures
import Format
import Foundation
import Replay
import Storage
import SystemPackage
import Testing
import Train
import Training

@Suite struct ReplayTrainerTests {
    /// Acceptance: the temperatures in the log are those of the formula, u being the share of updates done.
    @Test(arguments: [
        TemperatureSchedule.standard, .linear(start: 1.8, share: 0.5), .polynomial(start: 2, power: 3), .constant(1.3),
    ])
    func logsTheTemperaturesOfTheSchedule(schedule: TemperatureSchedule) throws {
        var run = try SmallRun(SyntheticDataset(), steps: 12)
        run.replay.temperature = schedule
        run.settings.logInterval = 1
        try run.train()
        let log = try run.log()
        #expect(log.map { $0["step"]?.number } == (1...12).map { Double($0) })
        for (step, record) in log.enumerated() {
            #expect(record["temperature"]?.number == schedule.temperature(at: Double(step) / 12))
        }
    }

    @Test func doesNothingWhenDone() throws {
        let data = try SyntheticDataset()
        var run = try SmallRun(data, steps: 3)
        run.heldOut = data
        let first = try run.train()
        let second = try run.train()
        #expect(first.didWork && !second.didWork)
        #expect(first.summary == second.summary)
        #expect(first.summary?.evaluations.map(\.temperature) == [1, 2])
        // Moved since, it says where it is now.
        let moved = try temporaryFolder().appending("moved")
        try FileManager.default.moveItem(atPath: run.folder.string, toPath: moved.string)
        run.folder = moved
        let third = try run.train()
        #expect(!third.didWork && third.summary?.output == moved.string)
        #expect(third.summary?.best?.path.hasPrefix(moved.string + "/checkpoint-") == true)
    }

    @Test func refusesAChangedParameter() throws {
        var run = try SmallRun(SyntheticDataset(), steps: 2)
        try run.train()
        run.replay.temperature = .constant(1.5)
        let error = #expect(throws: RunParameterError.self) { try run.train() }
        #expect(error?.kind == .changed([.init("--temperature", before: "exponential:2.0:0.1", now: "constant:1.5")]))
    }

    @Test func refusesATemperatureOutsideTheShards() throws {
        var run = try SmallRun(SyntheticDataset(), steps: 2)
        run.replay.temperature = .exponential(start: 3, decay: 0.1)
        #expect(throws: ReplayError.self) { try run.train() }
    }

    @Test func refusesIncompleteShards() throws {
        let run = try SmallRun(SyntheticDataset(endsPass: false), steps: 3)
        let error = #expect(throws: TrainingError.self) { try run.train() }
        #expect(error?.kind == .incompleteShards)
    }

    @Test func refusesMoreEpochsThanCanBeNumbered() throws {
        let run = try SmallRun(SyntheticDataset(), steps: 1 << 20, batchSize: 4)
        let error = #expect(throws: TrainingError.self) { try run.train() }
        #expect(error?.kind == .tooManyEpochs(Double(4 << 20) / 50))
    }

    /// A stream's expected epochs can be numbered, but in the last cycle its sequences may come first.
    @Test func refusesMoreEpochsOfAStreamThanCanBeNumbered() throws {
        var run = try SmallRun(SyntheticDataset(), steps: 107_373, batchSize: 1)
        run.mixture = (
            [try SyntheticDataset(sequences: 1), try SyntheticDataset(sequences: 50, seed: 6)],
            .weights([40000, 25536])
        )
        let error = #expect(throws: TrainingError.self) { try run.train(stoppingAfter: 0) }
        #expect(error?.kind == .tooManyEpochs(80000))
    }

    /// Every N steps and after the last; the best is kept, however many checkpoints follow.
    @Test func evaluatesWhileItTrains() throws {
        let data = try SyntheticDataset(generator: .fair)
        var run = try SmallRun(data, steps: 23)
        run.heldOut = try SyntheticDataset(sequences: 30, seed: 4, generator: .fair)
        run.replay.evaluationInterval = 4
        run.replay.evaluatedSequences = 20
        // So large that it does harm after a while.
        run.settings.learningRate = 0.3
        run.settings.keptCheckpoints = 1
        let summary = try run.train().summary
        let losses = try run.log().compactMap { record in
            record["eval_loss"]?.number.map { (step: Int(record["step"]?.number ?? 0), loss: $0) }
        }
        #expect(losses.map(\.step) == [4, 8, 12, 16, 20, 23])
        let best = try #require(losses.min { $0.loss < $1.loss })
        #expect(summary?.best?.step == best.step && summary?.best?.loss == best.loss)
        #expect(summary?.evaluations.map(\.temperature) == [1, 2])
        let kept = Set([best.step, 23].map(CheckpointStore.name(ofStep:)))
        #expect(Set(try run.checkpoints) == kept)
        #expect(Folder(FilePath(try #require(summary?.best?.path))).contains("model.safetensors"))
    }
}
