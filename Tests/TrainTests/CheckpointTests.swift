import Fingerprints
import Fixtures
import Foundation
import Optimization
import Storage
import SystemPackage
import Testing
import Train

/// What a run makes of folders that were tampered with, or left behind by a kill at a bad moment.
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

    @Test func foldersOfOtherNamesAreNoCheckpoints() throws {
        var run = try SmallRun(SyntheticDataset(), steps: 3)
        for name in ["checkpoint-best", "checkpoint-mine.partial", "checkpoint-"] {
            try Folder(run.folder.appending(name)).create()
        }
        #expect(try run.train().summary?.steps == 3)
        run.settings.steps = 5
        #expect(try run.train().summary?.steps == 5)
        for name in ["checkpoint-best", "checkpoint-mine.partial", "checkpoint-00000005"] {
            #expect(Folder(run.folder).contains(name), "\(name)")
        }
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

    /// Whole by its digests, and yet not what a run can have written: counts that would overflow, steps that cannot be.
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
