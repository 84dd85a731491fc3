import Foundation
import Testing

/// Finished runs whose checkpoints somebody removed to save room.
@Suite("Finished runs")
struct FinishedRunTests {
    private func withRuns(_ body: (PipelineTests.Pipeline, _ command: [String], _ name: String) throws -> Void) throws {
        try PipelineTests.withPipeline { pipeline in
            let short = { (command: [String]) in command + ["--checkpoint-interval", "10"] }
            for stage in [pipeline.vocab, short(pipeline.mlm), pipeline.generate, short(pipeline.train)] {
                _ = try pipeline.json(stage)
            }
            try body(pipeline, short(pipeline.mlm), "generator")
            try body(pipeline, short(pipeline.train), "run")
        }
    }

    private func checkpoints(_ pipeline: PipelineTests.Pipeline, _ name: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: pipeline.path(name)).filter { $0.hasPrefix("checkpoint-") }
            .sorted()
    }

    @Test func sayWhereTheyAre() throws {
        try PipelineTests.withPipeline { pipeline in
            var command = pipeline.vocab
            _ = try pipeline.json(command)
            let place = try #require(command.firstIndex(of: "--out")) + 1
            let moved = command[place] + "-moved"
            try FileManager.default.moveItem(atPath: command[place], toPath: moved)
            command[place] = moved
            let again = try pipeline.json(command)
            #expect(again["did_work"] as? Bool == false && again["output"] as? String == moved)
        }
    }

    /// All of them, or the last one alone: an older model must not take the place of the finished one.
    @Test(arguments: [true, false])
    func keepTheirModel(removesAll: Bool) throws {
        try withRuns { pipeline, command, name in
            let model = URL(fileURLWithPath: pipeline.path(name + "/model.safetensors"))
            let before = try Data(contentsOf: model)
            let names = try checkpoints(pipeline, name)
            #expect(names.count == 2)
            for checkpoint in removesAll ? names : [names[1]] {
                try FileManager.default.removeItem(atPath: pipeline.path("\(name)/\(checkpoint)"))
            }
            let again = try pipeline.json(command)
            #expect(again["did_work"] as? Bool == false)
            #expect(again["tokens"] as? Int ?? 0 > 0 && (again["last"] as? [String: Any])?["loss"] != nil)
            let steps = try #require(command.firstIndex(of: "--steps"))
            var other = command
            other[steps + 1] = "5"
            let refused = try fastElectra(other)
            #expect(refused.status == 64 && refused.errors.contains(", now it is 5. Give as many"), "\(refused.errors)")
            #expect(try Data(contentsOf: model) == before)
            // The lost steps are made again.
            other[steps + 1] = "50"
            let longer = try fastElectra(other)
            #expect(longer.status == 0 && longer.output.contains("50 steps"), "\(longer.errors)")
        }
    }

    /// Its last checkpoint is damaged: the run makes the last steps again, and until then it is not finished.
    @Test func makeDamagedStepsAgain() throws {
        try withRuns { pipeline, command, name in
            let model = URL(fileURLWithPath: pipeline.path(name + "/model.safetensors"))
            let before = try Data(contentsOf: model)
            let last = try #require(try checkpoints(pipeline, name).last)
            let optimizer = URL(fileURLWithPath: pipeline.path("\(name)/\(last)/optimizer.safetensors"))
            try Data(contentsOf: optimizer).dropLast().write(to: optimizer)
            let finished = try fastElectra(command)
            #expect(finished.status == 0, "\(finished.errors)")
            #expect(try Data(contentsOf: model) == before)
            #expect(try pipeline.json(command)["did_work"] as? Bool == false)
        }
    }
}
