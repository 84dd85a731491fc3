import Foundation
import Testing

/// Text that others tokenized, through the real binary: no tokenizer in sight, and yet each stage finds the values that
/// it needs.
@Suite("Ids on the command line")
struct PretokenizedPipelineTests {
    @Test func trainsAndGeneratesFromIDs() throws {
        try withTemporaryFolder { folder in
            func path(_ name: String) -> String { folder.appendingPathComponent(name).path }
            func write(_ text: String, _ name: String) throws {
                try Data(text.utf8).write(to: folder.appendingPathComponent(name))
            }
            try FileManager.default.createDirectory(atPath: path("space"), withIntermediateDirectories: false)
            try write(
                #"{"vocab_size": 24, "pad_token_id": 0, "cls_token_id": 1, "sep_token_id": 2, "mask_token_id": 3}"#,
                "space/config.json")
            try write(
                """
                {"vocab_size": 1, "embedding_size": 16, "hidden_size": 16, "num_hidden_layers": 1,
                 "num_attention_heads": 2, "intermediate_size": 32, "max_position_embeddings": 32, "model_type": "electra"}
                """, "preset.json")
            let lines = (0..<60).map { line in
                "{\"input_ids\": [\((0..<20).map { "\(4 + (line + $0) % 20)" }.joined(separator: ", "))]}"
            }
            try write(lines.joined(separator: "\n"), "ids.jsonl")
            let mlm = try fastElectra(
                "mlm", "--ids", path("ids.jsonl"), "--vocab", path("space"), "--preset", path("preset.json"), "--out",
                path("generator"), "--steps", "10", "--batch-size", "4", "--max-length", "32", "--threads", "1")
            #expect(mlm.status == 0, "\(mlm.errors)")
            let generate = [
                "generate", "--generator", path("generator"), "--max-length", "32", "--out", path("shards"),
            ]
            let generated = try fastElectra(generate + ["--ids", path("ids.jsonl"), "--json"])
            #expect(generated.status == 0, "\(generated.errors)")
            let verified = try fastElectra("verify", path("shards"))
            #expect(verified.status == 0, "\(verified.errors)")
            let shown = try fastElectra("inspect", path("shards"), "--sequence", "0")
            #expect(shown.status == 0 && shown.output.contains("#5"), "\(shown.output)")

            let text = try fastElectra(generate + ["--text", path("ids.jsonl")])
            #expect(text.status == 65)
            #expect(
                text.errors.contains("the folder has no tokenizer") && text.errors.contains("--ids"), "\(text.errors)")
            try write(lines.joined(separator: "\n") + "\n{\"input_ids\": [24]}\n", "bad.jsonl")
            let bad = try fastElectra(generate + ["--ids", path("ids.jsonl"), path("bad.jsonl")])
            #expect(bad.status == 64, "another input is another run: \(bad.errors)")
            let anew = try fastElectra(generate.dropLast() + [path("other"), "--ids", path("bad.jsonl")])
            #expect(anew.status == 65)
            #expect(
                anew.errors.contains("\(path("bad.jsonl")), line 61: the id 24 is not one of 0 to 23"), "\(anew.errors)"
            )
        }
    }

    @Test func takesTextOrIDs() throws {
        let generate = ["generate", "--generator", "x", "--out", "y"]
        let neither = try fastElectra(generate)
        #expect(neither.status == 64)
        #expect(neither.errors.contains("'--text <file> ...', '--ids <file> ...' or '--pairs <file> ...'"))
        let both = try fastElectra(generate + ["--text", "a", "--ids", "b"])
        #expect(both.status == 64)
        #expect(both.errors.contains("Give '--text' or '--ids', not both"))
    }
}
