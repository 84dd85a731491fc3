import Fingerprints
import Fixtures
import Foundation
import Storage
import SystemPackage
import Testing
import Train
import Training

/// Runs in folders that were tampered with, or left behind by a kill at a bad moment.
@Suite struct CheckpointTests {
    @Test func keepsTheNewest() throws {
        var run = try SmallRun(SyntheticDataset(), steps: 17)
        try run.train()
        #expect(try run.checkpoints == [15, 17].map(CheckpointStore.name(ofStep:)))
        run = try SmallRun(anew: run)
        run.settings.keptCheckpoints = 3
        try run.train()
        #expect(try run.checkpoints == [10, 15, 17].map(CheckpointStore.name(ofStep:)))
    }

    /// A kill between the last checkpoint and the removal of the oldest one leaves one too many, with no step left to make. The
    /// run has no summary yet. In a finished run, nothing is removed, whatever number is asked for.
    @Test(arguments: [true, false]) func removesWhatAKillHasLeft(isFinished: Bool) throws {
        var run = try SmallRun(SyntheticDataset(), steps: 17)
        run.settings.keptCheckpoints = 3
        try run.train()
        if !isFinished { try Folder(run.folder).removeFile(SummaryFile.name) }
        run.settings.keptCheckpoints = 2
        #expect(try run.train().steps.isEmpty)
        #expect(try run.checkpoints == (isFinished ? [10, 15, 17] : [15, 17]).map(CheckpointStore.name(ofStep:)))
    }

    /// A person's, and those of transformers' Trainer, which fine-tunes in the folder of the run: numbered below, between
    /// and above ours, with a trainer_state.json of its own.
    @Test func foldersOfOthersStayAsTheyAre() throws {
        var run = try SmallRun(SyntheticDataset(), steps: 17)
        try run.parameters.bind(to: run.folder)
        let others = [
            "checkpoint-best", "checkpoint-mine.partial", "checkpoint-", "checkpoint-1", "checkpoint-12",
            "checkpoint-500", "checkpoint-500.partial", "checkpoint-12345678",
        ]
        for name in others {
            try Folder(run.folder.appending(name)).create()
            try DurableFile.write("{}", to: FilePath("\(run.folder)/\(name)/trainer_state.json"))
        }
        #expect(try run.train().summary?.steps == 17)
        run.settings.steps = 20
        #expect(try run.train().summary?.steps == 20)
        for name in others {
            #expect(try run.contents(of: name + "/trainer_state.json") == Array("{}".utf8), "\(name)")
        }
        #expect(try run.checkpoints.filter { !others.contains($0) } == [17, 20].map(CheckpointStore.name(ofStep:)))
    }

    /// Tools that save a model may write into the file that is there: the checkpoint has a file of its own.
    @Test func aModelWrittenOverInPlaceDamagesNoCheckpoint() throws {
        var run = try SmallRun(SyntheticDataset(), steps: 10)
        run.settings.keptCheckpoints = 1
        try run.train()
        let before = try run.contents(of: "model.safetensors")
        let file = try FileDescriptor.open(run.folder.appending("model.safetensors"), .writeOnly)
        try file.closeAfter { _ = try file.writeAll([UInt8](repeating: 0, count: 64)) }
        #expect(try run.contents(of: "model.safetensors") != before)
        run.settings.steps = 12
        let outcome = try run.train()
        #expect(outcome.damages.isEmpty && outcome.steps.map(\.step) == [11, 12])
    }

    /// A second writing of the same step would remove the obstacle.
    @Test func theLastCheckpointIsWrittenOnce() throws {
        let run = try SmallRun(SyntheticDataset(), steps: 10)
        let obstacle = run.folder.appending(CheckpointStore.name(ofStep: 10) + ".old.partial").appending("obstacle")
        try run.train { event in
            if case .step(let progress) = event, progress.step == 1 { try? Folder(obstacle).create() }
        }
        #expect(Folder(obstacle).exists)
        #expect(try run.checkpoints.contains(CheckpointStore.name(ofStep: 10)))
    }

    /// A checkpoint is replaced by another one of the same step where a finished run gets more steps. Wherever a kill comes,
    /// one of the two is found, though no other is kept.
    @Test func aKilledReplacementLosesNothing() throws {
        let (name, successor) = ("checkpoint-00000010", "checkpoint-00000010.successor")
        for moment in 0..<5 {
            var run = try SmallRun(SyntheticDataset(), steps: 10)
            run.settings.keptCheckpoints = 1
            try run.train()
            let old = Folder(run.folder.appending(name))
            let condemned = run.folder.appending(name + ".old.partial")
            // The moments in their order: half written; complete; the old one renamed; half removed; gone.
            try copy(old, to: run.folder.appending(moment == 0 ? name + ".partial" : successor))
            if moment == 0 { try run.damage(name + ".partial/model.safetensors") }
            if moment >= 2 { try old.move(to: condemned) }
            if moment == 3 { unlink("\(condemned)/model.safetensors") }
            if moment == 4 { try Folder(condemned).remove() }
            run.settings.steps = 12
            #expect(try run.train().steps.map(\.step) == [11, 12], "moment \(moment)")
            #expect(try run.checkpoints == ["checkpoint-00000012"])
        }
    }

    private func copy(_ folder: Folder, to target: FilePath) throws {
        try Folder(target).create()
        for name in try folder.names() { try Folder(target).copy(folder.path.appending(name)) }
    }

    /// The last steps are made again, and until then the summary of the finished run tells of another model.
    @Test func aFinishedRunThatLostItsCheckpointIsUnfinished() throws {
        let run = try SmallRun(SyntheticDataset(), steps: 12)
        try run.train()
        let (summary, model) = (run.folder.appending(SummaryFile.name), try run.contents(of: "model.safetensors"))
        try run.damage("checkpoint-00000012/model.safetensors")
        #expect(try run.train(stoppingAfter: 11).steps.map(\.step) == [11])
        #expect(!Folder(run.folder).contains(SummaryFile.name), "\(summary) tells of 12 steps")
        let again = try run.train()
        #expect(again.didWork && again.steps.map(\.step) == [12])
        #expect(try run.contents(of: "model.safetensors") == model)
    }

    /// Somebody removed the checkpoints, or not.
    @Test(arguments: [true, false]) func aFinishedRunWithMoreStepsIsUnfinished(hasCheckpoints: Bool) throws {
        var run = try SmallRun(SyntheticDataset(), steps: 10)
        try run.train()
        for name in try run.checkpoints where !hasCheckpoints { try Folder(run.folder.appending(name)).remove() }
        run.settings.steps = 20
        let first = hasCheckpoints ? 11 : 1
        #expect(try run.train(stoppingAfter: first + 2).steps.map(\.step) == Array(first...first + 2))
        #expect(!Folder(run.folder).contains(SummaryFile.name))
        run.settings.steps = 10
        let error = #expect(throws: TrainingError.self) { try run.train() }
        #expect(error?.kind == .fewerSteps(before: 20, now: 10))
        run.settings.steps = 20
        #expect(try run.train().steps.first?.step == first + 3)
    }

    /// Without its checkpoints, it is made again.
    @Test(arguments: [0, 100]) func aFinishedRunWhoseModelIsCutOffIsUnfinished(bytes: Int) throws {
        let run = try SmallRun(SyntheticDataset(), steps: 4)
        try run.train()
        let model = try run.contents(of: "model.safetensors")
        for name in try run.checkpoints { try Folder(run.folder.appending(name)).remove() }
        let path = run.folder.appending("model.safetensors")
        try DurableFile.write(model, to: path)
        chmod(path.string, 0)
        // The superuser may read all the same.
        if geteuid() != 0 { #expect(throws: FileError.self) { try run.train() } }
        chmod(path.string, 0o644)
        try DurableFile.write(Array(model.prefix(bytes)), to: path)
        let again = try run.train()
        #expect(again.beganAgain && again.steps.map(\.step) == [1, 2, 3, 4])
        #expect(try run.contents(of: "model.safetensors") == model)
    }

    /// A command that is refused leaves a finished run as it is.
    @Test func aRefusalLeavesTheSummary() throws {
        var run = try SmallRun(SyntheticDataset(), steps: 10)
        try run.train()
        try Folder(run.folder.appending("checkpoint-00000010")).remove()
        try run.damage("checkpoint-00000005/model.safetensors")
        let files = try Folder(run.folder).names()
        for steps in [7, 20] {
            run.settings.steps = steps
            #expect(throws: TrainingError.self) { try run.train() }
            #expect(try Folder(run.folder).names() == files)
        }
        run.settings.steps = 10
        #expect(try run.train().didWork == false)
    }

    /// Its newest checkpoint is older than its summary, and becomes its model.
    @Test func anOlderCheckpointIsNotPublishedBesideTheSummary() throws {
        var run = try SmallRun(SyntheticDataset(), steps: 10)
        try run.train()
        try Folder(run.folder.appending("checkpoint-00000010")).remove()
        run.settings.steps = 20
        #expect(try run.train(stoppingAfter: 6).steps.map(\.step) == [6])
        #expect(!Folder(run.folder).contains(SummaryFile.name))
    }

    /// A run whose folder is moved away would go on in a new one at the old path.
    @Test func aMovedFolderEndsTheRun() throws {
        let run = try SmallRun(SyntheticDataset(), steps: 17)
        let moved = FilePath(run.folder.string + "-moved")
        #expect(throws: FolderMoved.self) {
            try run.train { event in
                guard case .step(let progress) = event, progress.step == 8 else { return }
                // Checkpoints are written in the background.
                while !Folder(run.folder.appending(CheckpointStore.name(ofStep: 5))).exists { sched_yield() }
                try? Folder(run.folder).move(to: moved)
            }
        }
        #expect(!Folder(run.folder).exists, "nothing is written to the old path")
        try Folder(moved).move(to: run.folder)
        #expect(try run.train().steps.first?.step == 6)
    }

    /// A kill between a checkpoint and its publication leaves the run's folder without the newest model.
    @Test func aKilledPublicationIsMadeUpFor() throws {
        let run = try SmallRun(SyntheticDataset(), steps: 3)
        try run.train()
        let expected = try run.contents(of: "model.safetensors")
        try DurableFile.write([1, 2, 3], to: run.folder.appending("model.safetensors"))
        try run.train()
        #expect(try run.contents(of: "model.safetensors") == expected)
    }

    /// Tools that upload or open a model leave folders in it.
    @Test func aFolderInACheckpointIsInNobodysWay() throws {
        let run = try SmallRun(SyntheticDataset(), steps: 23)
        let whole = try SmallRun(anew: run)
        try whole.train()
        try run.train(stoppingAfter: 7)
        for name in try run.checkpoints {
            let cache = run.folder.appending(name).appending(".cache")
            try Folder(cache).create()
            try DurableFile.write([1], to: cache.appending("upload"))
        }
        try run.train()
        #expect(try run.contents(of: "model.safetensors") == whole.contents(of: "model.safetensors"))
        #expect(try run.checkpoints == whole.checkpoints, "those that are older are gone")
    }

    @Test(arguments: ["trainer_state.json", "model.safetensors", "optimizer.safetensors", "config.json", "SHA256SUMS"])
    func aDamagedCheckpointIsNamedAndTheOneBeforeUsed(file: String) throws {
        let run = try SmallRun(SyntheticDataset(), steps: 17)
        let whole = try SmallRun(anew: run)
        try whole.train()
        try run.train(stoppingAfter: 13)
        try run.damage("checkpoint-00000013/" + file)
        let outcome = try run.train()
        #expect(outcome.damages.map(\.name) == ["checkpoint-00000013"])
        #expect(outcome.damages.first?.detail.isEmpty == false)
        #expect(outcome.steps.first?.step == 11, "continues from 10")
        #expect(try run.checkpoints.contains("checkpoint-00000013.damaged"))
        #expect(try run.contents(of: "model.safetensors") == whole.contents(of: "model.safetensors"))
        #expect(try run.log() == whole.log())
    }

    @Test(arguments: ["trainer_state.json", "SHA256SUMS", "optimizer.safetensors"])
    func aMissingFileIsDamage(file: String) throws {
        let run = try SmallRun(SyntheticDataset(), steps: 17)
        try run.train(stoppingAfter: 7)
        let kept = try Folder(run.folder.appending("checkpoint-00000007")).names().filter { $0 != file }
        let contents = try kept.map { try run.contents(of: "checkpoint-00000007/" + $0) }
        try Folder(run.folder.appending("checkpoint-00000007")).remove()
        try Folder(run.folder.appending("checkpoint-00000007")).create()
        for (name, bytes) in zip(kept, contents) {
            try DurableFile.write(bytes, to: FilePath(run.folder.string + "/checkpoint-00000007/" + name))
        }
        let outcome = try run.train()
        #expect(outcome.damages.first?.detail.contains(file) == true)
        #expect(outcome.steps.first?.step == 6)
    }

    /// To begin anew without a word would throw a long run away.
    @Test func refusesWhereAllAreDamaged() throws {
        let run = try SmallRun(SyntheticDataset(), steps: 17)
        try run.train(stoppingAfter: 7)
        for name in try run.checkpoints { try run.damage(name + "/optimizer.safetensors") }
        let error = #expect(throws: TrainingError.self) { try run.train() }
        #expect(error?.problem.contains("checkpoint-00000005") == true)
        #expect(error?.problem.contains("checkpoint-00000007") == true)
        #expect(try run.checkpoints.count == 2, "nothing is touched")
    }

    /// Whole by its digests, and yet not from a run of ours: counts that would overflow, steps that cannot be.
    @Test(arguments: [
        ("\"trueNegatives\":", "9223372036854775807"), ("\"lossSum\":", "-1e300"), ("\"step\":", "18"),
        ("\"totalSteps\":", "-1"), ("\"logByteCount\":", "\"many\""),
    ])
    func aForgedStateIsRefused(key: String, value: String) throws {
        let run = try SmallRun(SyntheticDataset(), steps: 17)
        try run.train(stoppingAfter: 7)
        let folder = FilePath(run.folder.string + "/checkpoint-00000007")
        var state = String(decoding: try run.contents(of: "checkpoint-00000007/trainer_state.json"), as: UTF8.self)
        let parts = state.components(separatedBy: key)
        try #require(parts.count > 1)
        state = parts.dropFirst().reduce(parts[0]) { $0 + key + value + $1.drop { !",}".contains($0) } }
        try DurableFile.write(state, to: folder.appending("trainer_state.json"))
        let names = try Folder(folder).names().filter { $0 != "SHA256SUMS" }
        let sums = try names.map { "\(try Fingerprint.hexadecimal(ofFiles: [folder.appending($0)]))  \($0)\n" }
        try DurableFile.write(sums.joined(), to: folder.appending("SHA256SUMS"))
        let error = #expect(throws: TrainingError.self) { try run.train() }
        #expect(error?.path == folder)
    }

    /// Written in the background, and yet the run ends at once and says why.
    @Test func aCheckpointThatCannotBeWrittenEndsTheRun() throws {
        var run = try SmallRun(SyntheticDataset(), steps: 400)
        run.settings.checkpointInterval = 2
        let whole = try SmallRun(anew: run)
        try whole.train()
        try run.parameters.bind(to: run.folder)
        let obstacle = Folder(run.folder.appending("model.safetensors"))
        try obstacle.create()
        let error = #expect(throws: FileError.self) { try run.train() }
        #expect(error?.path.lastComponent?.string.hasPrefix("model.safetensors") == true)
        let newest = try #require(try run.checkpoints.last)
        #expect(newest < CheckpointStore.name(ofStep: 400))
        try obstacle.remove()
        try run.train()
        #expect(try run.contents(of: "model.safetensors") == whole.contents(of: "model.safetensors"))
    }

    /// The sums are those of the usual tool.
    @Test func digestsAreThoseOfEveryFile() throws {
        let run = try SmallRun(SyntheticDataset(), steps: 3)
        try run.train()
        let sums = String(decoding: try run.contents(of: "checkpoint-00000003/SHA256SUMS"), as: UTF8.self)
        let folder = run.folder.appending("checkpoint-00000003")
        let names = try Folder(folder).names().filter { $0 != "SHA256SUMS" }
        #expect(
            sums
                == (try names.map { "\(try Fingerprint.hexadecimal(ofFiles: [folder.appending($0)]))  \($0)\n" }
                    .joined()))
        let empty = run.folder.appending("empty")
        try DurableFile.write("", to: empty)
        // FIPS 180-4's value for no bytes.
        #expect(
            try Fingerprint.hexadecimal(ofFiles: [empty])
                == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    }
}
