import Foundation
import Testing

/// The forecasts of `--dry-run`, compared with the results of the command.
@Suite("Dry runs")
struct DryRunTests {
    @Test func tellWhatThenHappensAndWriteNothing() throws {
        try PipelineTests.withPipeline { pipeline in
            _ = try pipeline.json(pipeline.vocab)
            func forecast(_ arguments: [String]) throws -> [String: Any] {
                let before = try FileManager.default.subpathsOfDirectory(atPath: pipeline.folder.path).sorted()
                let forecast = try pipeline.json(arguments + ["--dry-run"])
                #expect(try FileManager.default.subpathsOfDirectory(atPath: pipeline.folder.path).sorted() == before)
                #expect((forecast["memory"] as? Int ?? 0) > 1 << 20)
                #expect((forecast["seconds"] as? Double ?? 0) > 0)
                #expect((forecast["free_disk_bytes"] as? Int ?? 0) > 0)
                return forecast
            }
            func number(_ value: Any?) throws -> Double { try #require(value as? NSNumber).doubleValue }

            let generator = try forecast(pipeline.mlm)
            let mlm = try pipeline.json(pipeline.mlm)
            #expect(generator["steps"] as? Int == 20)
            #expect(generator["parameters"] as? Int == mlm["parameters"] as? Int)
            #expect(abs(try number(generator["tokens"]) / number(mlm["tokens"]) - 1) < 0.1)

            // All of so small a text is read, so the counts are exact.
            let dataset = try forecast(pipeline.generate)
            let shards = try pipeline.json(pipeline.generate)
            for name in ["sequences", "tokens", "masked_positions"] {
                #expect(dataset[name] as? Int == shards[name] as? Int, "\(name)")
            }
            #expect(abs(try number(dataset["bytes"]) / number(shards["bytes"]) - 1) < 0.2)
            #expect(dataset["share"] as? Double == 1)
            let settings = try #require(dataset["settings"] as? [String: String])
            #expect(settings["--races"] == "2" && settings["--mask-probability"] == "0.15")

            let train = pipeline.train + ["--checkpoint-interval", "10", "--keep-checkpoints", "3"]
            let run = try forecast(train)
            let summary = try pipeline.json(train)
            #expect(run["steps"] as? Int == 30)
            #expect(abs(try number(run["tokens"]) / number(summary["tokens"]) - 1) < 0.1)
            #expect(run["parameters"] as? Int == summary["parameters"] as? Int)
            let last = try #require(summary["last"] as? [String: Any])
            #expect(abs(try number(run["flops_per_token"]) / number(last["flops_per_token"]) - 1) < 0.1)
            var bytes = 0.0
            for name in ["checkpoint-00000010", "checkpoint-00000020", "checkpoint-00000030"] {
                for file in ["model.safetensors", "optimizer.safetensors"] {
                    let path = pipeline.path("run/\(name)/\(file)")
                    bytes += try number(FileManager.default.attributesOfItem(atPath: path)[.size])
                }
            }
            // The run's folder has a copy of the last model.
            let model = pipeline.path("run/model.safetensors")
            bytes += try number(FileManager.default.attributesOfItem(atPath: model)[.size])
            #expect(abs(try number(run["disk_bytes"]) / bytes - 1) < 0.1)

            // The best of these evaluations may not be among the newest checkpoints.
            let evaluated =
                pipeline.train + ["--checkpoint-interval", "30", "--eval-interval", "5", "--keep-checkpoints", "2"]
            let elsewhere = evaluated.replacing([pipeline.path("run")], with: [pipeline.path("evaluated")])
            let checkpoint = try number(run["checkpoint_bytes"])
            let evaluatedRun = try forecast(elsewhere)
            #expect(try number(evaluatedRun["disk_bytes"]) > 3 * checkpoint)
            #expect(try number(evaluatedRun["most_disk_bytes"]) > 4 * checkpoint)

            // The folders are those of runs now, so `--dry-run` refuses settings that the command would refuse.
            for command in [pipeline.mlm, pipeline.generate, train] {
                let refusal = try fastElectra(command + ["--dry-run", "--seed", "77"])
                #expect(refusal.status == 64 && refusal.errors.contains("begun with --seed"), "\(refusal.errors)")
            }
        }
    }

    @Test func refuseFewerSteps() throws {
        try PipelineTests.withPipeline { pipeline in
            for stage in [pipeline.vocab, pipeline.mlm, pipeline.generate, pipeline.train] {
                _ = try pipeline.json(stage)
            }
            for command in [pipeline.mlm, pipeline.train] {
                let steps = try #require(command.firstIndex(of: "--steps")) + 1
                var shorter = command
                shorter[steps] = "7"
                for arguments in [shorter, shorter + ["--dry-run"]] {
                    let refusal = try fastElectra(arguments)
                    let problem = "this was begun with --steps \(command[steps]), now it is 7"
                    #expect(refusal.status == 64 && refusal.errors.contains(problem), "\(refusal.errors)")
                }
            }
        }
    }

    @Test func refuseWhatTheCommandRefuses() throws {
        let refusal = try fastElectra("train", "--shards", "no-such", "--preset", "tiny", "--out", "x", "--dry-run")
        #expect(refusal.status == 1)
        #expect(refusal.errors.contains("no-such"))
    }

    /// The figures would be those of all parts together.
    @Test func areOfAWholeDataSet() throws {
        let refusal = try fastElectra(
            "generate", "--generator", "g", "--text", "t", "--out", "x", "--dry-run", "--part", "0/3")
        #expect(refusal.status == 64 && refusal.errors.contains("Leave out '--part'"), "\(refusal.errors)")
    }
}
