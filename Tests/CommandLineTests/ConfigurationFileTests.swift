import Foundation
import Testing

/// Options from a file: TOML, JSON, and the run.json of another run.
@Suite("Configuration files")
struct ConfigurationFileTests {
    private func write(_ text: String, to path: String) throws {
        try text.write(toFile: path, atomically: true, encoding: .utf8)
    }

    private func settings(of run: String) throws -> [String: String] {
        let object = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: run + "/run.json")))
        return try #require(object as? [String: Any]).compactMapValues { $0 as? String }
    }

    /// One file for the whole way, a table a command; and the same as JSON.
    @Test func tablesGiveTheOptionsOfTheirCommand() throws {
        try PipelineTests.withPipeline { pipeline in
            try write(
                """
                # The whole way.
                threads = 2
                progress = "none"
                json = true

                [vocab]
                text = ["\(PipelineTests.Pipeline.text)"]
                size = 600

                [mlm]
                text = "\(PipelineTests.Pipeline.text)"
                vocab = "\(pipeline.path("vocabulary"))"
                preset = "\(pipeline.path("preset.json"))"
                steps = 4
                batch-size = 4
                learning-rate = 2.5e-3
                max-length = 32
                """, to: pipeline.path("all.toml"))
            let config = ["--config", pipeline.path("all.toml")]
            var vocab = ["vocab"] + config + ["--out", pipeline.path("vocabulary")]
            // `vocab` has no threads.
            #expect(try fastElectra(vocab).errors.contains("Unknown option '--threads'"))
            #expect(try fastElectra(vocab).errors.contains("The options in \(pipeline.path("all.toml")) count"))
            vocab = pipeline.vocab
            _ = try pipeline.json(vocab)
            let finished = try fastElectra(["mlm"] + config + ["--out", pipeline.path("generator"), "--steps", "3"])
            #expect(finished.status == 0, "\(finished.errors)")
            let result = try #require(
                try JSONSerialization.jsonObject(with: Data(finished.output.utf8)) as? [String: Any])
            #expect(result["steps"] as? Int == 3, "the command line wins")
            let begun = try settings(of: pipeline.path("generator"))
            #expect(begun["--learning-rate"] == "0.0025")
            #expect(begun["--batch-size"] == "4")
            try write(
                #"""
                {"mlm": {"text": ["\#(PipelineTests.Pipeline.text)"], "vocab": "\#(pipeline.path("vocabulary"))",
                 "preset": "\#(pipeline.path("preset.json"))", "steps": 3, "batch-size": 4, "learning-rate": 0.0025,
                 "max-length": 32, "threads": 2, "json": false, "seed": null}, "train": {"steps": 9}}
                """#, to: pipeline.path("all.json"))
            let again = try fastElectra(
                ["mlm", "--config=" + pipeline.path("all.json"), "--out", pipeline.path("generator")])
            #expect(again.status == 0, "the same run, which is finished: \(again.errors)")
        }
    }

    /// A list is not made longer: the table has the last word about an option.
    @Test func aTableReplacesWhatStandsAboveAllTables() throws {
        try PipelineTests.withPipeline { pipeline in
            let text = PipelineTests.Pipeline.text
            try write(
                "text = [\"\(text)\", \"\(text)\"]\nsize = 600\n[vocab]\ntext = \"\(text)\"\n",
                to: pipeline.path("both.toml"))
            let words = try ["once", "both"].map { name -> Int? in
                let options =
                    name == "once" ? ["--text", text, "--size", "600"] : ["--config", pipeline.path("both.toml")]
                return try pipeline.json(["vocab", "--out", pipeline.path(name), "--json"] + options)["words"] as? Int
            }
            #expect(words[0] != nil && words[0] == words[1])
        }
    }

    /// Acceptance of the issue that asked for it: a run is repeated from its run.json, to the bit.
    @Test func aRunIsRepeatedFromItsFile() throws {
        try PipelineTests.withPipeline { pipeline in
            for stage in [pipeline.vocab, pipeline.mlm, pipeline.generate] { _ = try pipeline.json(stage) }
            let own =
                ["--warmup", "3", "--schedule", "cosine", "--weight-decay", "0.1", "--adam-beta2", "0.98"]
                + ["--adam-epsilon", "1e-8", "--word-embedding-rate", "0.1", "--clip", "0.5", "--dropout", "0.1"]
                + ["--eval-temperature", "1.5"]
                + ["--init-from", pipeline.path("generator")]
            _ = try pipeline.json(pipeline.train + own)
            let repeated = [
                "train", "--config", pipeline.path("run/run.json"), "--out", pipeline.path("second"), "--threads", "1",
            ]
            #expect(try fastElectra(repeated).status == 0)
            func weights(_ run: String) throws -> Data {
                try Data(contentsOf: URL(fileURLWithPath: pipeline.path(run + "/model.safetensors")))
            }
            #expect(try weights("run") == weights("second"))
            #expect(try settings(of: pipeline.path("run")) == settings(of: pipeline.path("second")))
            // Another seed is another run, and is named where it is given for the same folder.
            let changed = try fastElectra(repeated + ["--seed", "3"])
            #expect(changed.status == 64)
            #expect(changed.errors.contains("this was begun with --seed 1, now it is 3"))
            let withoutFolder = try fastElectra(["train", "--config", pipeline.path("run/run.json")])
            #expect(withoutFolder.status == 64)
            #expect(withoutFolder.errors.contains("Missing expected argument '--out <dir>'"))
            let other = try fastElectra(["mlm", "--config", pipeline.path("run/run.json"), "--out", "x"])
            #expect(other.status == 64)
            #expect(other.errors.contains("this is a run of the command 'train', not of 'mlm'"))
        }
    }

    @Test(arguments: [
        ("a.toml", "steps = \n", "line 1"),
        ("a.toml", "[train\nsteps = 1\n", "cannot be read"),
        ("a.json", "{\"steps\": }", "byte 10 is not JSON"),
        ("a.json", "[1, 2]", "has a list or a value where options should be"),
        ("a.json", "{\"steps\": {\"a\": 1}}", "steps has options in it, and it is not the name of a command"),
        ("a.toml", "[trian]\nsteps = 1\n", "trian has options in it, and it is not the name of a command"),
        ("a.toml", "dropout = nan\n", "a number is infinite, not a number, or not decimal"),
        ("a.json", "\u{FEFF}{\"stepz\": 3}", "Unknown option '--stepz'"),
        ("a.json", "{\"train\": {\"steps\": [[1]]}}", "steps is neither a text"),
        ("a.json", "{\"text\": \"a\\u0000b\"}", "text is neither a text"),
        ("a.json", "{\"command\": \"train\", \"--seed\": \"1\"}", "an older version of this program began it"),
        ("a.toml", "stepz = 3\n", "Unknown option '--stepz'"),
        ("a.toml", "#\na" + String(repeating: ".a", count: 200_000) + " = 1\n", "line 2: the key has too many parts"),
        ("a.toml", "config = \"b.toml\"\n", "Put the options of both files into one"),
        ("a.json", "{\"--steps\": 3}", "--steps cannot stand in a file of options. Write the name without the dashes"),
        ("a.toml", "steps = 1979-05-27\n", "is invalid for '--steps <n>'"),
    ])
    func whatCannotBeUsedIsRefused(name: String, contents: String, message: String) throws {
        try withTemporaryFolder { folder in
            let file = folder.appendingPathComponent(name)
            try contents.write(to: file, atomically: true, encoding: .utf8)
            let refusal = try fastElectra(
                ["train", "--config", file.path, "--shards", "s", "--preset", "tiny", "--out", folder.path + "/out"])
            #expect(refusal.status == 64, "\(refusal.errors)")
            #expect(refusal.errors.contains(message), "\(refusal.errors)")
            #expect(refusal.errors.contains(file.path), "\(refusal.errors)")
        }
    }

    @Test func isGivenOnceAndHasToBeThere() throws {
        let twice = try fastElectra("train", "--config", "a.toml", "--config", "b.toml")
        #expect(twice.status == 64)
        #expect(twice.errors.contains("'--config' is given more than once"))
        let missing = try fastElectra("train", "--config", "no-such-file.toml")
        #expect(missing.status == 1)
        #expect(missing.errors.contains("no-such-file.toml"))
        #expect(try fastElectra("inspect", "--config", "a.toml").errors.contains("Unknown option '--config'"))
    }
}
