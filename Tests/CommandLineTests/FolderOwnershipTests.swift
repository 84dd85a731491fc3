import Foundation
import Testing

/// Folders that a command may not write to: another process works there, or the files are somebody else's.
@Suite("Whose folder it is")
struct FolderOwnershipTests {
    private typealias Pipeline = PipelineTests.Pipeline

    private func contents(of folder: String) throws -> [String: Data] {
        try FileManager.default.subpathsOfDirectory(atPath: folder).reduce(into: [:]) { files, name in
            files[name] = FileManager.default.contents(atPath: folder + "/" + name)
        }
    }

    /// - Returns: the arguments with another folder to write to.
    private func writing(_ arguments: [String], to folder: String) throws -> [String] {
        var changed = arguments
        changed[try #require(changed.firstIndex(of: "--out")) + 1] = folder
        return changed
    }

    /// A process that came second touches nothing before it is refused: the first one's vocabulary is the one that its
    /// model has been trained with.
    @Test func aSecondProcessTouchesNothing() throws {
        try PipelineTests.withPipeline { pipeline in
            for stage in [pipeline.vocab, pipeline.mlm, pipeline.generate] { _ = try pipeline.json(stage) }
            var other = pipeline.vocab + ["--cased"]
            other = try writing(other, to: pipeline.path("other-vocabulary"))
            _ = try pipeline.json(other)
            let mlm = pipeline.mlm.map { $0 == pipeline.path("vocabulary") ? pipeline.path("other-vocabulary") : $0 }
            for (command, folder) in [
                (mlm, "generator"), (pipeline.mlm, "generator"), (pipeline.vocab, "vocabulary"),
                (pipeline.generate, "shards"), (pipeline.generate + ["--seed", "7"], "shards"), (pipeline.train, "run"),
            ] {
                let path = pipeline.path(folder)
                try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
                let before = try contents(of: path)
                let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
                try #require(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
                let refused = try fastElectra(command)
                close(descriptor)
                #expect(refused.status == 1)
                #expect(refused.errors.contains("another process is working in this folder"), "\(refused.errors)")
                #expect(try contents(of: path) == before, "\(command[0])")
            }
        }
    }

    /// A downloaded model, or a run of transformers' Trainer.
    @Test func theFilesOfOthersStayAsTheyAre() throws {
        try PipelineTests.withPipeline { pipeline in
            for stage in [pipeline.vocab, pipeline.mlm, pipeline.generate] { _ = try pipeline.json(stage) }
            let theirs = pipeline.path("theirs")
            for name in ["checkpoint-500/model.safetensors", "config.json", "model.safetensors", "vocab.txt"] {
                let file = URL(fileURLWithPath: theirs + "/" + name)
                try FileManager.default.createDirectory(
                    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(name.utf8).write(to: file)
            }
            let before = try contents(of: theirs)
            for stage in [pipeline.vocab, pipeline.mlm, pipeline.generate, pipeline.train] {
                let refused = try fastElectra(try writing(stage, to: theirs))
                #expect(refused.status == 64, "\(stage[0])")
                #expect(
                    refused.errors.contains(
                        "\(theirs): this folder has no run.json, but it has other files (checkpoint-500, config.json, "
                            + "model.safetensors, and 1 more)"), "\(stage[0]): \(refused.errors)")
                #expect(try contents(of: theirs) == before, "\(stage[0])")
            }
        }
    }

    /// Options of the other command would mean nothing to the person.
    @Test func theFolderOfAnotherCommandIsNamedAsThat() throws {
        try PipelineTests.withPipeline { pipeline in
            for stage in [pipeline.vocab, pipeline.mlm, pipeline.generate] { _ = try pipeline.json(stage) }
            for (stage, folder, owner) in [
                (pipeline.train, "shards", "generate"), (pipeline.mlm, "vocabulary", "vocab"),
                (pipeline.generate, "generator", "mlm"),
            ] {
                let refused = try fastElectra(try writing(stage, to: pipeline.path(folder)))
                #expect(refused.status == 64)
                let problem = "this was begun by the command '\(owner)', not by '\(stage[0])'. Name another folder."
                #expect(refused.errors.contains(problem), "\(refused.errors)")
            }
        }
    }
}
