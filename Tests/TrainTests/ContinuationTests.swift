import Fixtures
import Format
import Models
import RankFixtures
import Ranks
import Replay
import Seeds
import Storage
import SystemPackage
import Testing
import Train
import Training

/// Stopped and continued runs beside those that never stopped.
@Suite struct ContinuationTests {
    private static let results = [
        "model.safetensors", "config.json", "checkpoint-00000017/optimizer.safetensors",
    ]

    private func evaluated(steps: Int = 17) throws -> SmallRun {
        var run = try SmallRun(SyntheticDataset(), steps: steps)
        run.heldOut = try SyntheticDataset(sequences: 10, seed: 5)
        run.replay.evaluationInterval = 6
        return run
    }

    private func expectEqual(_ run: SmallRun, _ whole: SmallRun) throws {
        for name in Self.results { #expect(try run.contents(of: name) == whole.contents(of: name), "\(name)") }
        #expect(try run.log() == whole.log())
    }

    /// Interrupted at checkpoints, between them, between two lines of the log, and at evaluations.
    @Test func continuesBitForBit() throws {
        let whole = try evaluated()
        try whole.train()
        for limits in [[1, 5, 8, 9], [6, 12, 16], [17]] {
            let run = try SmallRun(anew: whole)
            for limit in limits { try run.train(stoppingAfter: limit) }
            try run.train()
            try expectEqual(run, whole)
        }
    }

    /// Weights, optimizer and log of several ranks are those of one, held-out loss included.
    @Test(arguments: [2, 4, 8]) func ranksDoNotMatter(count: Int) throws {
        let whole = try evaluated()
        try whole.train()
        let run = try SmallRun(anew: whole)
        let summaries = try ThreadRanks.run(count) { try run.train(on: $0).summary?.evaluations }
        try expectEqual(run, whole)
        #expect(summaries.allSatisfy { $0 == summaries[0] }, "all ranks have measured the same")
    }

    /// Begun on one rank, continued on four, stopped there, and continued on two and on one.
    @Test func goesOnOnOtherNumbersOfRanks() throws {
        let whole = try evaluated()
        try whole.train()
        let run = try SmallRun(anew: whole)
        try run.train(stoppingAfter: 4)
        _ = try ThreadRanks.run(4) { try run.train(on: $0, stoppingAfter: 9).didWork }
        _ = try ThreadRanks.run(2) { try run.train(on: $0, stoppingAfter: 13).didWork }
        try run.train()
        try expectEqual(run, whole)
    }

    /// One rank cannot begin. It says why; the others say who it was, and none waits forever.
    @Test func anErrorOfOneRankEndsAll() throws {
        let whole = try evaluated()
        let others = ThreadRanks.results(4) { ranks in
            var run = whole
            // The settings of this rank cannot work.
            if ranks.rank == 2 { run.settings.lanes = 1 }
            try run.train(on: ranks)
        }
        let kinds = others.map { result -> RankError.Kind? in
            guard case .failure(let error) = result else { return nil }
            return (error as? RankError)?.kind
        }
        #expect(
            kinds == [
                .stopped(rank: 2), .stopped(rank: 2), .indivisible(lanes: 1, ranks: 4), .stopped(rank: 2),
            ])
    }

    /// Killed between checkpoints: the log has gone on, and its last line is torn.
    @Test func continuesBitForBitAfterAKill() throws {
        let whole = try evaluated()
        try whole.train()
        let run = try SmallRun(anew: whole)
        for limit in [8, 13] {
            try run.train(stoppingAfter: limit)
            try run.loseNewestCheckpoint()
            let log = try run.contents(of: "metrics.jsonl")
            let torn = Array(#"{"accuracy":0.75,"au"#.utf8)
            try DurableFile.write(log + torn, to: run.folder.appending("metrics.jsonl"))
            try Folder(run.folder.appending("checkpoint-00000015.partial")).create()
        }
        try run.train()
        try expectEqual(run, whole)
        #expect(!(try run.checkpoints).contains { $0.hasSuffix(".partial") })
    }

    /// A damaged line stays where it is: `report` names it, and somebody may mend it.
    @Test func keepsDamagedLinesOfTheLog() throws {
        let run = try SmallRun(SyntheticDataset(), steps: 17)
        try run.train(stoppingAfter: 10)
        var log = try run.contents(of: "metrics.jsonl")
        log[3] = UInt8(ascii: "?")
        try DurableFile.write(log, to: run.folder.appending("metrics.jsonl"))
        try run.train()
        #expect(try run.contents(of: "metrics.jsonl").starts(with: log))
    }

    /// Acceptance: a run of ten epochs, stopped and continued anywhere, sees every sequence once an epoch.
    @Test func seesEverySequenceOnceAnEpoch() throws {
        var random = SeededGenerator(seed: drawnSeed())
        // 50 sequences, 84 batches of 6: ten epochs and four sequences of the next.
        let run = try SmallRun(SyntheticDataset(), steps: 84)
        var visits: [Int: [SequenceVisit]] = [:]
        var limit = 0
        while limit < 84 {
            limit += Int.random(in: 1...20, using: &random)
            for progress in try run.train(stoppingAfter: limit).steps { visits[progress.step] = progress.visits }
            if Bool.random(using: &random), limit < 84 { try run.loseNewestCheckpoint() }
        }
        let order = visits.sorted { $0.key < $1.key }.flatMap(\.value)
        #expect(order.count == 504)
        for epoch in 0..<10 as Range<UInt16> {
            let seen = order.filter { $0.epoch == epoch }.map(\.sequence)
            #expect(seen.count == 50 && Set(seen) == Set(0..<50), "epoch \(epoch)")
        }
        #expect(order.map(\.epoch) == order.map(\.epoch).sorted())
    }

    /// Begun anew for each step, as after a resume: epoch v replays visit v, which reads race v mod R (`ReplaySamplerTests`).
    @Test func readsTheRacesInTurn() throws {
        let data = try SyntheticDataset()
        let dataset = try Dataset(data.folder)
        let sampler = try ReplaySampler(dataset.header, seed: 9).tempered(to: 1.2)
        for first in stride(from: 0, to: 280, by: 7) as StrideTo<UInt64> {
            let input = try ReplaySource(dataset, seed: 9).sequences(from: first, count: 7, temperature: 1.2)
            for (offset, (example, visit)) in zip(input.examples, input.visits).enumerated() {
                let place = dataset.place(ofEntry: visit.sequence)
                let block = try dataset.block(at: place.block)
                var tokens = [Int32](repeating: 0, count: example.tokens.count)
                var labels = [UInt8](repeating: 0, count: example.tokens.count)
                var tokenSpan = tokens.mutableSpan
                var labelSpan = labels.mutableSpan
                _ = sampler.replay(
                    block, row: place.row, visit: UInt16((Int(first) + offset) / 50),
                    tokens: &tokenSpan, labels: &labelSpan)
                #expect(tokens == example.tokens)
            }
        }
    }

    /// The steps before a shard was found damaged are saved; with the shard put back the run ends as if nothing had been.
    @Test func losesNoStepToADamagedShard() throws {
        let data = try SyntheticDataset(sequences: 400)
        var whole = try SmallRun(data, steps: 67)
        // Both look at the text before the first step, and meet the damage there.
        whole.settings.sentenceTargetCount = 0
        whole.settings.start = .local
        try whole.train()
        // 50 blocks in windows of 16, each of 128 sequences. The fault has to be in none of the first window's.
        let first = try ReplaySource(Dataset(data.folder), seed: whole.settings.seed)
            .sequences(from: 0, count: 128, temperature: 1).visits.map(\.sequence)
        let name = try #require(try Folder(data.folder).names().first { $0.hasSuffix(".shard") })
        let shard = data.folder.appending(name)
        let bytes = try RandomAccessFile.contents(of: shard)
        for tenth in 3...8 {
            var damaged = bytes
            damaged[bytes.count * tenth / 10] ^= 1
            try DurableFile.write(damaged, to: shard)
            let dataset = try Dataset(data.folder)
            let faulty = (0..<dataset.blockCount).map { dataset.place(ofBlock: $0) }
                .first { (try? dataset.block(at: $0)) == nil }
            if let entries = faulty?.entries, !first.contains(where: entries.contains) { break }
        }
        var run = try SmallRun(anew: whole)
        run.settings.checkpointInterval = 1000
        #expect(throws: ShardError.self) { try run.train() }
        #expect(try run.checkpoints.first ?? "" >= CheckpointStore.name(ofStep: 128 / 6))
        try DurableFile.write(bytes, to: shard)
        try run.train()
        #expect(try run.contents(of: "model.safetensors") == whole.contents(of: "model.safetensors"))
        #expect(try run.log() == whole.log())
    }

    /// The head for `[CLS]`'s targets is in checkpoints, and not in the model that others read.
    @Test func theModelHasNoHeadOfTraining() throws {
        let run = try SmallRun(SyntheticDataset(), steps: 7)
        try run.train()
        let model = try SafetensorsFile(run.folder.appending(SafetensorsFile.weightsName))
        #expect(
            model.tensors.keys.allSatisfy { $0.hasPrefix("electra.") || $0.hasPrefix("discriminator_predictions.") })
        let name = try #require(try run.checkpoints.last)
        let optimizer = try SafetensorsFile(run.folder.appending(name).appending("optimizer.safetensors"))
        let kept = optimizer.tensors.keys.filter { $0.hasPrefix("training.") }.sorted()
        #expect(
            kept == [
                "training.generator_lm_head.bias", "training.generator_predictions.LayerNorm.bias",
                "training.generator_predictions.LayerNorm.weight", "training.generator_predictions.dense.bias",
                "training.generator_predictions.dense.weight",
            ])
    }

    @Test func acceptsMoreStepsAndTellsTheirSchedule() throws {
        var run = try SmallRun(SyntheticDataset(), steps: 10)
        run.settings.logInterval = 1
        try run.train()
        run.settings.steps = 20
        let outcome = try run.train()
        #expect(outcome.extensions.map(\.afterStep) == [10] && outcome.extensions.map(\.steps) == [20])
        #expect(outcome.summary?.extensions == outcome.extensions)
        #expect(outcome.steps.map(\.step) == Array(11...20))
        let rates = try run.log().map { $0["learning_rate"]?.number }
        let (short, long) = (
            LearningRateSchedule(peak: 1e-3, warmupSteps: 1, totalSteps: 10),
            LearningRateSchedule(peak: 1e-3, warmupSteps: 2, totalSteps: 20)
        )
        #expect(rates == (0..<20).map { Double($0 < 10 ? short.rate(at: $0) : long.rate(at: $0)) })
        #expect(!(try run.train().didWork))
    }

    /// The last evaluation of the shorter run is interrupted, made when the run continues, and not lost when it gets more steps.
    @Test func moreStepsKeepAnEvaluationThatWasInterrupted() throws {
        var runs: [SmallRun] = []
        for limits in [[], [17]] {
            var run = try evaluated()
            for limit in limits { try run.train(stoppingAfter: limit) }
            try run.train()
            run.settings.steps = 23
            try run.train()
            runs.append(run)
        }
        #expect(try runs[1].log() == runs[0].log())
        #expect(try runs[1].log().contains { $0["step"]?.number == 17 && $0["eval_auc"] != nil })
        #expect(try runs[1].checkpoints == runs[0].checkpoints)
    }

    /// Somebody mistypes the number of steps of a finished run, and stops at once.
    @Test func moreStepsOfWhichNoneIsMadeLeaveAFinishedRun() throws {
        var run = try evaluated()
        let finished = try run.train().summary
        let (steps, log, checkpoints) = (run.settings.steps, try run.log(), try run.checkpoints)
        run.settings.steps = 4000
        #expect(try run.train(stoppingAfter: 0).summary == nil)
        #expect(Folder(run.folder).contains(SummaryFile.name))
        #expect(try run.checkpoints == checkpoints && run.log() == log)
        run.settings.steps = steps
        let outcome = try run.train()
        #expect(!outcome.didWork && outcome.summary?.steps == finished?.steps)
    }

    /// The same of a run whose checkpoints somebody has removed to save room.
    @Test func moreStepsOfWhichNoneIsMadeLeaveAFinishedModelWithoutCheckpoints() throws {
        var run = try evaluated()
        try run.train()
        for name in try run.checkpoints { try Folder(run.folder.appending(name)).remove() }
        let (model, log) = (try run.contents(of: SafetensorsFile.weightsName), try run.log())
        let steps = run.settings.steps
        run.settings.steps = 4000
        try run.train(stoppingAfter: 0)
        #expect(try run.contents(of: SafetensorsFile.weightsName) == model && run.log() == log)
        #expect(try run.checkpoints == [])
        run.settings.steps = steps
        #expect(!(try run.train().didWork))
    }

    @Test func refusesFewerSteps() throws {
        var run = try SmallRun(SyntheticDataset(), steps: 20)
        try run.train(stoppingAfter: 8)
        run.settings.steps = 15
        let error = #expect(throws: TrainingError.self) { try run.train() }
        #expect(error?.kind == .fewerSteps(before: 20, now: 15))
    }

    /// Settings that do not change the result may change.
    @Test func acceptsOtherIntervalsAndThreads() throws {
        var run = try SmallRun(SyntheticDataset(), steps: 20)
        try run.train(stoppingAfter: 8)
        run.settings.threads = 1
        run.settings.logInterval = 4
        run.settings.checkpointInterval = 7
        run.settings.keptCheckpoints = 3
        #expect(try run.train().summary?.steps == 20)
        #expect(try run.checkpoints == [8, 14, 20].map(CheckpointStore.name(ofStep:)))
    }
}
