import Foundation
import Testing

/// Refusals before any work is done.
@Suite("Refused beforehand")
struct RefusalTests {
    /// Swift would replace the byte, and the path would lead to another folder.
    @Test func anArgumentThatIsNotUTF8() throws {
        try withTemporaryFolder { folder in
            let program = Bundle.main.bundleURL.appendingPathComponent("fast-electra").path
            let text = packageFolder.appendingPathComponent("data/sample/plain.txt").path
            let command = "'\(program)' vocab --text '\(text)' --size 300 --out \"$(printf '\(folder.path)/caf\\351')\""
            let refused = try run(URL(fileURLWithPath: "/bin/sh"), ["-c", command])
            #expect(refused.status == 64)
            #expect(refused.errors.contains("argument 7 is not UTF-8"), "\(refused.errors)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
        }
    }

    /// The parser takes the last value of an option, and the examples of the others would be lost without a word.
    @Test(arguments: [("finetune", "--train"), ("finetune", "--test"), ("train", "--eval-shards")])
    func anInputThatIsOneIsGivenTwice(command: String, option: String) throws {
        let refusal = try fastElectra(command, option, "a", option, "b")
        #expect(refusal.status == 64 && refusal.errors.contains("'\(option)' is given more than once"))
        try withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("options.toml")
            try "\(option.dropFirst(2)) = [\"a\", \"b\"]\n".write(to: file, atomically: true, encoding: .utf8)
            let listed = try fastElectra(command, "--config", file.path)
            #expect(listed.status == 64 && listed.errors.contains("'\(option)' is given more than once"))
            // The command line takes the place of the list.
            let given = try fastElectra(command, "--config", file.path, option, "c")
            #expect(given.status == 64 && !given.errors.contains("more than once"), "\(given.errors)")
        }
    }

    /// The text is to blame, and not the folder to write.
    @Test func aTextOfBlankLines() throws {
        try withWorkshop { workshop in
            let text = workshop.path("blank.txt")
            try Data("\n\n\n".utf8).write(to: URL(fileURLWithPath: text))
            let refusal = try fastElectra(
                ["mlm", "--text", text, "--vocab", workshop.path("vocabulary"), "--out", workshop.path("out")]
                    + ["--preset", workshop.path("preset.json"), "--max-length", "32"])
            #expect(refusal.status == 65 && refusal.errors.contains("\(text): the text has no tokens"))
        }
    }

    /// One sequence of 20,000 tokens: attention takes 3.2 GB for two heads on each of 1,024 threads.
    @Test func trainingThatHasNoRoomInTheMachine() throws {
        try PipelineTests.withPipeline { pipeline in
            _ = try pipeline.json(pipeline.vocab)
            let preset = URL(fileURLWithPath: pipeline.path("preset.json"))
            let short = try String(contentsOf: preset, encoding: .utf8)
            let long = short.replacingOccurrences(
                of: "\"max_position_embeddings\":32", with: "\"max_position_embeddings\":20000")
            try #require(long != short)
            try long.write(to: preset, atomically: true, encoding: .utf8)
            let ids = (0..<20_000).map { "\(10 + $0 % 500)" }.joined(separator: ",")
            try "{\"input_ids\":[\(ids)]}\n".write(
                toFile: pipeline.path("ids.jsonl"), atomically: true, encoding: .utf8)
            let refused = try fastElectra(
                ["mlm", "--ids", pipeline.path("ids.jsonl"), "--vocab", pipeline.path("vocabulary"), "--preset"]
                    + [
                        preset.path, "--out", pipeline.path("generator"), "--max-length", "20000", "--threads", "1024",
                        "--lanes", "1024",
                    ])
            #expect(refused.status == 1)
            #expect(refused.errors.contains("training takes about "), "\(refused.errors)")
            #expect(refused.errors.contains("with sequences of up to 20,000 tokens and 1,024 threads"))
            #expect(refused.errors.contains("but this machine has "))
            #expect(try FileManager.default.contentsOfDirectory(atPath: pipeline.path("generator")).isEmpty)
        }
    }

    /// Attention over 65,000 tokens takes 17 GB a head on each of 64 threads: 2 TB.
    @Test func generatingThatHasNoRoomInTheMachine() throws {
        try PipelineTests.withPipeline { pipeline in
            _ = try pipeline.json(pipeline.vocab)
            let preset = URL(fileURLWithPath: pipeline.path("preset.json"))
            let short = try String(contentsOf: preset, encoding: .utf8)
            try short.replacingOccurrences(
                of: "\"max_position_embeddings\":32", with: "\"max_position_embeddings\":65000"
            ).write(to: preset, atomically: true, encoding: .utf8)
            let text = packageFolder.appendingPathComponent("data/sample/plain.txt").path
            let made = try fastElectra(
                [
                    "mlm", "--text", text, "--vocab", pipeline.path("vocabulary"), "--preset", preset.path, "--steps",
                    "1",
                ]
                    + ["--batch-size", "1", "--max-length", "16", "--out", pipeline.path("generator")])
            try #require(made.status == 0, "\(made.errors)")
            let command = [
                "generate", "--generator", pipeline.path("generator"), "--text", text, "--out", pipeline.path("shards"),
            ]
            func contents() -> [String]? {
                try? FileManager.default.contentsOfDirectory(atPath: pipeline.path("shards"))
            }
            let refused = try fastElectra(command + ["--max-length", "65000", "--threads", "64"])
            #expect(refused.status == 1)
            #expect(refused.errors.contains("generating takes about "), "\(refused.errors)")
            #expect(refused.errors.contains("with sequences of up to 65,000 tokens and 64 threads"))
            #expect(refused.errors.contains("but this machine has "))
            #expect(contents() == [])
            let blocks = try fastElectra(
                command + ["--max-length", "20000", "--mask-probability", "1", "--top-k", "600"])
            #expect(
                blocks.status == 64 && blocks.errors.contains("a full block could take more than the 1024 MiB"),
                "\(blocks.errors)")
            #expect(contents() == [])
        }
    }
}
