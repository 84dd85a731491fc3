import Foundation
import Testing

/// The whole pipeline through the real binary, on the sample corpus and a model of a few thousand parameters.
@Suite("The pipeline on the command line")
struct PipelineTests {
    /// A pipeline's work folder, and its stages in order.
    struct Pipeline {
        let folder: URL

        func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

        static let text = packageFolder.appendingPathComponent("data/sample/plain.txt").path

        func writePreset() throws {
            let shape: [String: Any] = [
                "vocab_size": 1, "embedding_size": 16, "hidden_size": 16, "num_hidden_layers": 1,
                "num_attention_heads": 2, "intermediate_size": 32, "max_position_embeddings": 32,
                "model_type": "electra",
            ]
            try JSONSerialization.data(withJSONObject: shape).write(to: folder.appendingPathComponent("preset.json"))
        }

        var vocab: [String] { ["vocab", "--text", Self.text, "--size", "600", "--out", path("vocabulary")] }
        var mlm: [String] {
            ["mlm", "--text", Self.text, "--vocab", path("vocabulary"), "--preset", path("preset.json"), "--out"]
                + [path("generator"), "--steps", "20", "--batch-size", "4", "--max-length", "32", "--threads", "2"]
        }
        var generate: [String] {
            ["generate", "--generator", path("generator"), "--text", Self.text, "--out", path("shards")]
                + ["--max-length", "32", "--top-k", "4", "--races", "2", "--threads", "2"]
        }
        var verify: [String] { ["verify", path("shards")] }
        var train: [String] {
            ["train", "--shards", path("shards"), "--preset", path("preset.json"), "--out", path("run")]
                + ["--eval-shards", path("shards"), "--steps", "30", "--batch-size", "4", "--log-interval", "1"]
                + ["--threads", "2", "--temperature", "linear:1.75:0.5"]
        }

        func json(_ arguments: [String]) throws -> [String: Any] {
            let finished = try fastElectra(arguments + ["--json", "--progress", "none"])
            #expect(finished.status == 0, "\(arguments[0]): \(finished.errors)")
            // The pipeline measures on its training data, and a warning says so.
            let errors = finished.errors.split(separator: "\n").filter { !$0.contains("the held-out data is the data") }
            #expect(errors.isEmpty, "nothing but the result: \(finished.errors)")
            let object = try JSONSerialization.jsonObject(with: Data(finished.output.utf8))
            return try #require(object as? [String: Any])
        }
    }

    static func withPipeline(_ body: (Pipeline) throws -> Void) throws {
        try withTemporaryFolder { folder in
            let pipeline = Pipeline(folder: folder)
            try pipeline.writePreset()
            try body(pipeline)
        }
    }

    @Test func runsThroughAndThenHasNothingToDo() throws {
        try Self.withPipeline { pipeline in
            let stages = [pipeline.vocab, pipeline.mlm, pipeline.generate, pipeline.verify, pipeline.train]
            let first = try stages.map { try pipeline.json($0) }
            #expect(first[0]["entries"] as? Int == 600)
            let kept = try Data(contentsOf: URL(fileURLWithPath: pipeline.path("vocabulary/summary.json")))
            let vocabulary = try #require(JSONSerialization.jsonObject(with: kept) as? [String: Any])
            #expect(Set(vocabulary.keys) == Set(first[0].keys), "names in the file are those of --json")
            #expect(first[1]["steps"] as? Int == 20)
            let masked = try #require(first[2]["masked_positions"] as? Int)
            let tokens = try #require(first[2]["tokens"] as? Int)
            #expect(abs(Double(masked) / Double(tokens) - 0.15) < 0.02)
            #expect(first[3]["faults"] as? [String] == [])
            #expect(first[3]["masked_positions"] as? Int == masked)
            let evaluations = try #require(first[4]["evaluations"] as? [[String: Any]])
            #expect(evaluations.map { $0["temperature"] as? Double } == [1, 2])
            for name in ["config.json", "model.safetensors", "vocab.txt", "tokenizer_config.json", "summary.json"] {
                #expect(FileManager.default.fileExists(atPath: pipeline.path("run/" + name)), "\(name)")
            }
            for (folder, positions) in [("generator", 32), ("run", 32), ("run/checkpoint-00000030", 32)] {
                let path = URL(fileURLWithPath: pipeline.path(folder + "/tokenizer_config.json"))
                let tokenizer = try #require(
                    JSONSerialization.jsonObject(with: Data(contentsOf: path)) as? [String: Any])
                #expect(tokenizer["model_max_length"] as? Int == positions, "transformers cuts texts to it: \(folder)")
            }
            for (stage, before) in zip(stages, first) where stage[0] != "verify" {
                var again = try pipeline.json(stage)
                #expect(again["did_work"] as? Bool == false, "\(stage[0])")
                #expect(before["did_work"] as? Bool == true, "\(stage[0])")
                again["did_work"] = true
                #expect(again["output"] as? String == before["output"] as? String)
            }
        }
    }

    /// Acceptance: the log's temperatures are those of the schedule asked for.
    @Test func honorsTheSchedule() throws {
        try Self.withPipeline { pipeline in
            for stage in [pipeline.vocab, pipeline.mlm, pipeline.generate, pipeline.train] {
                _ = try pipeline.json(stage)
            }
            let log = try String(contentsOfFile: pipeline.path("run/metrics.jsonl"), encoding: .utf8)
            let records = try log.split(separator: "\n").map { line in
                try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            }
            #expect(records.filter { $0?["eval_loss"] != nil }.map { $0?["step"] as? Int } == [30])
            let temperatures = records.compactMap { $0?["temperature"] as? Double }
            #expect(temperatures.count == 30)
            for (step, temperature) in temperatures.enumerated() {
                #expect(temperature == 1 + 0.75 * max(0, 1 - Double(step) / 30 / 0.5))
            }
        }
    }

    /// Acceptance: the replace rates that `inspect` shows are those that training logs at the same temperatures, within
    /// sampling error.
    @Test func replaceRatesAreThoseOfTraining() throws {
        try Self.withPipeline { pipeline in
            _ = try pipeline.json(pipeline.vocab)
            // Enough for the generator to tell frequent tokens from rare ones, and low temperatures, at which it shows.
            _ = try pipeline.json(pipeline.mlm.replacing(["20"], with: ["200"]) + ["--learning-rate", "1e-2"])
            _ = try pipeline.json(pipeline.generate + ["--passes", "8", "--temperature-range", "0.4:1"])
            let summary = try pipeline.json(["inspect", pipeline.path("shards"), "--sample", "1000"])
            let sample = try #require(summary["sample"] as? [String: Any])
            #expect((sample["blocks"] as? [Int])?.count == summary["blocks"] as? Int)
            let points = try #require(sample["temperatures"] as? [[String: Any]]).map { point in
                (try #require(point["temperature"] as? Double), try #require(point["replace_rate"] as? Double))
            }
            func shown(_ temperature: Double) throws -> Double {
                let above = try #require(points.firstIndex { $0.0 >= temperature })
                if above == 0 { return points[0].1 }
                let (low, high) = (points[above - 1], points[above])
                return low.1 + (temperature - low.0) / (high.0 - low.0) * (high.1 - low.1)
            }
            let sequences = try #require(summary["sequences"] as? Int)
            var train = pipeline.train.replacing(["30"], with: ["\(sequences / 4)"])
            train = train.replacing(["linear:1.75:0.5"], with: ["linear:0.4:1"])
            // It may warn that so weak a generator teaches little.
            #expect(try fastElectra(train).status == 0)
            let log = try String(contentsOfFile: pipeline.path("run/metrics.jsonl"), encoding: .utf8)
            // Of each step, how far the logged rate is from the one shown; the log's warnings are other lines.
            let differences = try log.split(separator: "\n").filter { $0.contains("\"temperature\"") }.map { line in
                let record = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Double]
                let logged = 1 - (try #require(record?["sampled_original_rate"]))
                return logged - (try shown(try #require(record?["temperature"])))
            }
            #expect(differences.count == sequences / 4)
            for part in [differences.prefix(sequences / 8), differences.suffix(sequences / 8)] {
                let mean = part.reduce(0, +) / Double(part.count)
                let error = part.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }.squareRoot() / Double(part.count)
                #expect(abs(mean) < 4 * error, "\(mean) with a standard error of \(error)")
                // A rate of another temperature would be noticed.
                #expect(error * 10 < points[points.count - 1].1 - points[0].1)
            }
        }
    }

    @Test func inspectsADataSetAndASequence() throws {
        try Self.withPipeline { pipeline in
            for stage in [pipeline.vocab, pipeline.mlm, pipeline.generate] { _ = try pipeline.json(stage) }
            let summary = try pipeline.json(["inspect", pipeline.path("shards")])
            #expect(summary["passes"] as? Int == 1)
            let arguments = ["inspect", pipeline.path("shards"), "--sequence", "3", "--temperature", "1.5"]
            let sequence = try pipeline.json(arguments)
            let positions = try #require(sequence["masked_positions"] as? [[String: Any]])
            #expect(positions.count > 2)
            for position in positions {
                let candidates = try #require(position["candidates"] as? [[String: Any]])
                let head = candidates.reduce(0.0) { $0 + ($1["probability"] as? Double ?? .nan) }
                let tail = try #require(position["tail_probability"] as? Double)
                #expect((1...4).contains(candidates.count))
                let isCandidate = candidates.contains { $0["id"] as? Int == position["original_id"] as? Int }
                let original = isCandidate ? 0 : try #require(position["original_probability"] as? Double)
                #expect(abs(head + original + tail - 1) < 1e-9, "head, original and tail are all that there is")
                #expect(position["original"] is String && position["drawn"] is String)
            }
            let text = try fastElectra(arguments).output
            for position in positions {
                let original = try #require(position["original"] as? String)
                #expect(text.contains("[" + original.replacingOccurrences(of: "##", with: "") + "]"))
            }
            #expect(try fastElectra(["inspect", pipeline.path("shards"), "--sequence", "1000000"]).status == 64)
            #expect(
                try fastElectra(["inspect", pipeline.path("shards"), "--sequence", "0", "--temperature", "3"]).status
                    == 64)
        }
    }

    @Test func reportsADamagedShard() throws {
        try Self.withPipeline { pipeline in
            for stage in [pipeline.vocab, pipeline.mlm, pipeline.generate] { _ = try pipeline.json(stage) }
            let names = try FileManager.default.contentsOfDirectory(atPath: pipeline.path("shards"))
            let shard = pipeline.path("shards/" + (try #require(names.first { $0.hasSuffix(".shard") })))
            var bytes = try Data(contentsOf: URL(fileURLWithPath: shard))
            bytes[bytes.count / 2] ^= 1
            try bytes.write(to: URL(fileURLWithPath: shard))
            let verdict = try fastElectra(pipeline.verify)
            #expect(verdict.status == 65)
            #expect(verdict.output.contains(shard) && verdict.output.contains("byte"))
            #expect(
                verdict.errors
                    == "fast-electra: error: there is a fault. Follow the remedy of each fault in the list.\n"
            )
            #expect(try fastElectra(pipeline.train).status == 65, "training refuses it as well")
        }
    }
}
