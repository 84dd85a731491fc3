import Foundation
import Testing

/// The same command run again with something changed: refused by name where the result would be another one, else accepted.
@Suite("Changed arguments")
struct ChangedArgumentTests {
    /// The pipeline up to a finished run that started from the generator.
    private func withRun(_ body: (PipelineTests.Pipeline, _ train: [String]) throws -> Void) throws {
        try PipelineTests.withPipeline { pipeline in
            for stage in [pipeline.vocab, pipeline.mlm, pipeline.generate] { _ = try pipeline.json(stage) }
            let train = pipeline.train + ["--init-from", pipeline.path("generator")]
            _ = try pipeline.json(train)
            try body(pipeline, train)
        }
    }

    private func changing(_ arguments: [String], _ option: String, to value: String) -> [String] {
        var changed = arguments
        guard let index = changed.firstIndex(of: option) else { return changed + [option, value] }
        changed[index + 1] = value
        return changed
    }

    private func copy(_ source: String, to target: String) throws {
        try FileManager.default.copyItem(atPath: source, toPath: target)
    }

    @Test func thatChangeTheResultAreNamedAndRefused() throws {
        try withRun { pipeline, train in
            try copy(pipeline.path("generator"), to: pipeline.path("other-generator"))
            let weights = URL(fileURLWithPath: pipeline.path("other-generator/model.safetensors"))
            var bytes = try Data(contentsOf: weights)
            bytes[bytes.count - 4] ^= 1
            try bytes.write(to: weights)
            let preset = try String(contentsOfFile: pipeline.path("preset.json"), encoding: .utf8)
            try preset.replacingOccurrences(of: "\"intermediate_size\":32", with: "\"intermediate_size\":64")
                .write(toFile: pipeline.path("wider.json"), atomically: true, encoding: .utf8)
            try preset.replacingOccurrences(of: "{", with: "{\"layer_norm_eps\":0.1,")
                .write(toFile: pipeline.path("smoother.json"), atomically: true, encoding: .utf8)
            let others = changing(
                changing(pipeline.generate, "--out", to: pipeline.path("other-shards")), "--seed", to: "5")
            _ = try pipeline.json(others)
            let changes = [
                ("--batch-size", "5"), ("--learning-rate", "0.01"), ("--temperature", "constant:1.5"), ("--seed", "7"),
                ("--initialization", "random"), ("--eval-sequences", "9"), ("--steps", "20"), ("--warmup", "2"),
                ("--schedule", "cosine"), ("--weight-decay", "0.1"), ("--adam-beta1", "0.8"), ("--adam-beta2", "0.98"),
                ("--adam-epsilon", "1e-8"), ("--clip", "0"), ("--word-embedding-rate", "0.1"), ("--dropout", "0.2"),
                ("--eval-temperature", "1.5"),
                ("--preset", pipeline.path("wider.json")), ("--preset", pipeline.path("smoother.json")),
                ("--init-from", pipeline.path("other-generator")),
                ("--shards", pipeline.path("other-shards")), ("--eval-shards", pipeline.path("other-shards")),
            ]
            for (option, value) in changes {
                let finished = try fastElectra(changing(train, option, to: value))
                #expect(finished.status == 64, "\(option)")
                let isGiven = !["--dropout", "--eval-temperature"].contains(option)
                let begun = isGiven ? "with \(option) " : "without \(option), "
                #expect(finished.errors.contains("this was begun "), "\(option): \(finished.errors)")
                #expect(finished.errors.contains(begun), "\(option): \(finished.errors)")
            }
            #expect(try pipeline.json(train)["did_work"] as? Bool == false, "none of them has done anything")
        }
    }

    /// With the same weights, another tokenizer or another activation makes another data set.
    @Test func aGeneratorThatReadsOtherwiseIsAnotherOne() throws {
        try PipelineTests.withPipeline { pipeline in
            for stage in [pipeline.vocab, pipeline.mlm, pipeline.generate] { _ = try pipeline.json(stage) }
            let other = pipeline.path("other")
            try copy(pipeline.path("generator"), to: other)
            let generate = changing(pipeline.generate, "--generator", to: other)
            #expect(try pipeline.json(generate)["did_work"] as? Bool == false, "a copy is the same generator")
            for (file, before, after) in [
                ("config.json", #""gelu""#, #""relu""#), ("tokenizer_config.json", "true", "false"),
            ] {
                let path = other + "/" + file
                let text = try String(contentsOfFile: path, encoding: .utf8)
                try #require(text.contains(before))
                try text.replacingOccurrences(of: before, with: after).write(
                    toFile: path, atomically: true, encoding: .utf8)
                let finished = try fastElectra(generate)
                #expect(finished.status == 64 && finished.errors.contains("--generator"), "\(file): \(finished.errors)")
                try text.write(toFile: path, atomically: true, encoding: .utf8)
            }
        }
    }

    /// The encoder gets the tokenizer that lies beside the shards.
    @Test func aTokenizerThatIsNotThatOfTheShardsIsRefused() throws {
        try PipelineTests.withPipeline { pipeline in
            for stage in [pipeline.vocab, pipeline.mlm, pipeline.generate] { _ = try pipeline.json(stage) }
            let shards = try #require(pipeline.generate.firstIndex(of: "--out").map { pipeline.generate[$0 + 1] })
            let vocabulary = shards + "/vocab.txt"
            var tokens = try String(contentsOfFile: vocabulary, encoding: .utf8).split(separator: "\n")
            tokens[100] = "zzzzz"
            try tokens.joined(separator: "\n").appending("\n").write(
                toFile: vocabulary, atomically: true, encoding: .utf8)
            for command in [pipeline.train, ["verify", shards]] {
                let finished = try fastElectra(command)
                #expect(finished.status == 65)
                #expect((finished.output + finished.errors).contains("has other tokens than its shards"), "\(finished)")
            }
        }
    }

    /// There is no former value to give.
    @Test func thatWereNotGivenBeforeOrAreNotNow() throws {
        try withRun { pipeline, train in
            let without = try fastElectra(Array(train.dropLast(2)))
            #expect(without.status == 64)
            #expect(without.errors.contains("this was begun with --init-from weights of SHA-256 "))
            let refusal = ", now there is none. To continue, give the former value"
            #expect(without.errors.contains(refusal), "\(without.errors)")
            let with = try fastElectra(train + ["--dropout", "0.5", "--focal", "1"])
            #expect(with.status == 64)
            #expect(with.errors.contains("this was begun without --dropout, now it is 0.5; "), "\(with.errors)")
            #expect(with.errors.contains("without --focal, now it is "), "\(with.errors)")
            #expect(with.errors.contains("give the same arguments as then"), "\(with.errors)")
        }
    }

    @Test func thatDoNotChangeItAreAccepted() throws {
        try withRun { pipeline, train in
            for name in ["generator", "preset.json", "shards"] {
                try copy(pipeline.path(name), to: pipeline.path("moved-" + name))
            }
            let changes = [
                ("--threads", "1"), ("--log-interval", "3"), ("--checkpoint-interval", "4"),
                ("--keep-checkpoints", "1"), ("--eval-interval", "9"),
                ("--init-from", pipeline.path("moved-generator")),
                ("--preset", pipeline.path("moved-preset.json")), ("--shards", pipeline.path("moved-shards")),
                ("--eval-shards", pipeline.path("moved-shards")),
            ]
            let focal = changing(train, "--out", to: pipeline.path("focal")) + ["--focal"]
            _ = try pipeline.json(focal + ["2"])
            #expect(try pipeline.json(focal + ["2.0"])["did_work"] as? Bool == false, "the same number")
            for (option, value) in changes {
                #expect(
                    try pipeline.json(changing(train, option, to: value))["did_work"] as? Bool == false, "\(option)")
            }
            let longer = try fastElectra(changing(train, "--steps", to: "40"))
            #expect(longer.status == 0)
            #expect(longer.errors.contains("this run was begun with --steps 30, now it is 40"))
        }
    }

    @Test func ofAGeneratorAreRefusedAsWell() throws {
        try PipelineTests.withPipeline { pipeline in
            for stage in [pipeline.vocab, pipeline.mlm] { _ = try pipeline.json(stage) }
            let changes = [
                ("--mask-probability", "0.2"), ("--max-length", "24"), ("--batch-size", "5"),
                ("--learning-rate", "0.01"), ("--seed", "7"), ("--initialization", "random"), ("--steps", "10"),
            ]
            for (option, value) in changes {
                let finished = try fastElectra(changing(pipeline.mlm, option, to: value))
                #expect(finished.status == 64, "\(option)")
                #expect(finished.errors.contains("this was begun with \(option) "), "\(option): \(finished.errors)")
            }
        }
    }

    /// Ids of another vocabulary are other words, and the model has as many of them.
    @Test func anotherVocabularyOfTheSameSizeIsRefused() throws {
        try PipelineTests.withPipeline { pipeline in
            for stage in [pipeline.vocab, pipeline.mlm] { _ = try pipeline.json(stage) }
            let vocabulary = URL(fileURLWithPath: pipeline.path("vocabulary/vocab.txt"))
            let tokens = try String(contentsOf: vocabulary, encoding: .utf8)
            var swapped = tokens.components(separatedBy: "\n")
            swapped.swapAt(300, 301)
            let configuration = URL(fileURLWithPath: pipeline.path("vocabulary/tokenizer_config.json"))
            let lowercase = try String(contentsOf: configuration, encoding: .utf8)
            let cased = lowercase.replacingOccurrences(
                of: "\"do_lower_case\" : true", with: "\"do_lower_case\" : false")
            try #require(cased != lowercase)
            for (file, before, now) in [
                (vocabulary, tokens, swapped.joined(separator: "\n")), (configuration, lowercase, cased),
            ] {
                try now.write(to: file, atomically: true, encoding: .utf8)
                let finished = try fastElectra(pipeline.mlm)
                #expect(finished.status == 64)
                #expect(finished.errors.contains("this was begun with --vocab "), "\(finished.errors)")
                try before.write(to: file, atomically: true, encoding: .utf8)
            }
            #expect(try pipeline.json(pipeline.mlm)["did_work"] as? Bool == false)
        }
    }

    /// The same bytes are other data where their name says JSON lines.
    @Test func aTextThatIsReadOtherwiseIsRefused() throws {
        try PipelineTests.withPipeline { pipeline in
            try copy(PipelineTests.Pipeline.text, to: pipeline.path("renamed.jsonl"))
            _ = try pipeline.json(pipeline.vocab)
            let renamed = changing(pipeline.vocab, "--text", to: pipeline.path("renamed.jsonl"))
            let refusal = try fastElectra(renamed)
            #expect(refusal.status == 64)
            #expect(refusal.errors.contains("this was begun with --text 1 file"), "\(refusal.errors)")
        }
    }

    /// A vocabulary whose file was lost is made again, because nothing else would bring it back.
    @Test func aLostVocabularyIsMadeAgain() throws {
        try PipelineTests.withPipeline { pipeline in
            _ = try pipeline.json(pipeline.vocab)
            let path = pipeline.path("vocabulary/vocab.txt")
            let before = try Data(contentsOf: URL(fileURLWithPath: path))
            try FileManager.default.removeItem(atPath: path)
            #expect(try pipeline.json(pipeline.vocab)["did_work"] as? Bool == true)
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
        }
    }

    /// Data counts by content: a text may be moved and renamed.
    @Test func aTextOfAnotherNameIsAccepted() throws {
        try PipelineTests.withPipeline { pipeline in
            try copy(PipelineTests.Pipeline.text, to: pipeline.path("renamed"))
            for stage in [pipeline.vocab, pipeline.mlm, pipeline.generate] {
                _ = try pipeline.json(stage)
                let renamed = changing(stage, "--text", to: pipeline.path("renamed"))
                #expect(try pipeline.json(renamed)["did_work"] as? Bool == false, "\(stage[0])")
            }
        }
    }
}
