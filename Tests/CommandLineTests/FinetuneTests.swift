import Foundation
import Testing

/// `finetune` and `score` through the real binary, on a model of a few thousand parameters.
@Suite("What an encoder is worth, on the command line")
struct FinetuneTests {
    private struct Task {
        let workshop: Workshop

        func path(_ name: String) -> String { workshop.path(name) }

        /// Sentences with one of two words in them.
        static func examples(_ count: Int, offset: Int) -> String {
            let fillers = ["the house", "a road and", "this is", "we saw one of", "not the"]
            return (0..<count).map { index in
                let label = (index + offset) % 2 == 0 ? "first" : "second"
                return "\(label)\t\(fillers[(index + offset) % 5]) \(label == "first" ? "river" : "night")\n"
            }.joined()
        }

        func prepare() throws {
            try Self.examples(40, offset: 0).write(toFile: path("train.tsv"), atomically: true, encoding: .utf8)
            try Self.examples(11, offset: 3).write(toFile: path("test.tsv"), atomically: true, encoding: .utf8)
        }

        func finetune(_ more: String...) -> [String] {
            [
                "finetune", "--model", path("generator"), "--train", path("train.tsv"), "--test", path("test.tsv"),
                "--out", path("classifier"), "--seeds", "2", "--epochs", "3", "--batch-size", "4", "--threads", "2",
            ] + more
        }

        func json(_ arguments: [String]) throws -> [String: Any] {
            let finished = try fastElectra(arguments + ["--json"])
            #expect(finished.status == 0, "\(finished.errors)")
            return try #require(JSONSerialization.jsonObject(with: Data(finished.output.utf8)) as? [String: Any])
        }
    }

    private func withTask(_ body: (Task) throws -> Void) throws {
        try withWorkshop { workshop in
            let task = Task(workshop: workshop)
            try task.prepare()
            try body(task)
        }
    }

    @Test func finetunesAndThenHasNothingToDo() throws {
        try withTask { task in
            let arguments = task.finetune("--baseline", "--learning-rates", "1e-2", "1e-3")
            let result = try task.json(arguments)
            #expect(result["did_work"] as? Bool == true)
            #expect(result["labels"] as? [String] == ["first", "second"])
            #expect(result["train_examples"] as? Int == 40 && result["test_examples"] as? Int == 11)
            #expect(result["architecture"] as? String == "ElectraForSequenceClassification")
            let starts = try #require(result["starts"] as? [[String: Any]])
            #expect(starts.map { $0["start"] as? String } == ["encoder", "scratch"])
            for start in starts {
                #expect((start["candidates"] as? [Any])?.count == 2 && start["seeds"] as? [Int] == [1, 2])
                let measures = try #require(start["measures"] as? [String: [String: Any]])
                #expect(Set(measures.keys) == ["accuracy", "matthews", "macro_f1"])
                #expect((measures["accuracy"]?["values"] as? [Double])?.count == 2)
            }
            #expect((result["difference"] as? [String: Any])?["accuracy"] != nil)
            for name in ["config.json", "model.safetensors", "vocab.txt", "tokenizer_config.json", "run.json"] {
                #expect(FileManager.default.fileExists(atPath: task.path("classifier/" + name)), "\(name)")
            }
            let config = try JSONSerialization.jsonObject(
                with: Data(contentsOf: URL(fileURLWithPath: task.path("classifier/config.json"))))
            let values = try #require(config as? [String: Any])
            #expect(values["id2label"] as? [String: String] == ["0": "first", "1": "second"])
            #expect(values["label2id"] as? [String: Int] == ["first": 0, "second": 1])
            #expect(values["problem_type"] as? String == "single_label_classification")

            let before = try task.workshop.files(of: "classifier")
            #expect(try task.json(arguments)["did_work"] as? Bool == false)
            #expect(try task.workshop.files(of: "classifier") == before)

            // For people: a row a start, one for the difference, and its meaning.
            let text = try fastElectra(arguments).output
            for part in ["from the encoder", "from scratch", "difference, seed by seed", " ± ", "Over 2 seeds"] {
                #expect(text.contains(part), "\(part): \(text)")
            }

            // Another rate would be another folder.
            let changed = try fastElectra(task.finetune("--baseline", "--learning-rates", "1e-2"))
            #expect(changed.status == 64 && changed.errors.contains("--learning-rates"))
        }
    }

    /// It is known only when the labels have been read; the usage is that of the command all the same.
    @Test func anErrorOfUseThatTheDataTellShowsTheUsageOfItsCommand() throws {
        try withTask { task in
            try "a\tx\nb\ty\nc\tz\n".write(toFile: task.path("train.tsv"), atomically: true, encoding: .utf8)
            try "a\tx\n".write(toFile: task.path("test.tsv"), atomically: true, encoding: .utf8)
            let refused = try fastElectra(task.finetune("--metric", "matthews"))
            #expect(refused.status == 64)
            #expect(refused.errors.contains("'--metric matthews' takes two labels, there are 3\n"), "\(refused.errors)")
            #expect(
                refused.errors.contains("Usage: fast-electra finetune [<options>] --model <dir>"), "\(refused.errors)")
            #expect(refused.errors.contains("See 'fast-electra finetune --help' for more"), "\(refused.errors)")
        }
    }

    /// Killed at any moment and run again, it comes to the same result and the same weights.
    @Test func continuesAfterAKill() throws {
        try withTask { task in
            let arguments = task.finetune("--learning-rates", "1e-2", "1e-3", "--threads", "1", "--epochs", "60")
            let expected = try task.json(arguments)
            let weights = try #require(try task.workshop.files(of: "classifier")["model.safetensors"])
            try task.workshop.remove("classifier")
            for seconds in [0.05, 0.15, 0.4] { _ = try task.workshop.run(arguments, killedAfter: seconds) }
            let result = try task.json(arguments)
            #expect(
                try JSONSerialization.data(withJSONObject: measures(result), options: .sortedKeys)
                    == JSONSerialization.data(withJSONObject: measures(expected), options: .sortedKeys))
            #expect(try task.workshop.files(of: "classifier")["model.safetensors"] == weights)
        }
    }

    /// The records are there and the model is not, as in a folder that was copied in part.
    @Test(arguments: ["model.safetensors", "config.json"])
    func aModelThatIsMissingIsMadeAgain(name: String) throws {
        try withTask { task in
            let arguments = task.finetune("--learning-rates", "1e-2", "1e-3")
            _ = try task.json(arguments)
            let before = try task.workshop.files(of: "classifier")
            try task.workshop.remove("classifier/" + name)
            #expect(try task.json(arguments)["did_work"] as? Bool == true)
            let after = try task.workshop.files(of: "classifier")
            #expect(after[name] != nil && after[name] == before[name])
            #expect(try task.json(arguments)["did_work"] as? Bool == false)
        }
    }

    /// A folder of 2019: its config.json names neither an architecture nor a family.
    @Test func theTensorsTellTheFamily() throws {
        try withTask { task in
            let pairs = #"{"sentence_good": "the house", "sentence_bad": "house the"}"# + "\n"
            try pairs.write(toFile: task.path("pairs.jsonl"), atomically: true, encoding: .utf8)
            let score = ["score", "--model", task.path("generator"), "--pairs", task.path("pairs.jsonl")]
            let named = try task.json(score)
            let path = URL(fileURLWithPath: task.path("generator/config.json"))
            var values = try #require(JSONSerialization.jsonObject(with: Data(contentsOf: path)) as? [String: Any])
            values["architectures"] = nil
            values["model_type"] = nil
            try JSONSerialization.data(withJSONObject: values).write(to: path)
            let told = try task.json(score)
            #expect(told["score"] as? String == named["score"] as? String)
            #expect(told["accuracy"] as? Double == named["accuracy"] as? Double)
            let classifier = try task.json(task.finetune("--learning-rates", "1e-2"))
            #expect(classifier["architecture"] as? String == "ElectraForSequenceClassification")
        }
    }

    private func measures(_ result: [String: Any]) throws -> [Any] {
        try #require(result["starts"] as? [[String: Any]]).map { try #require($0["measures"]) }
    }

    @Test(arguments: [
        (["--seeds", "0"], 64, "'--seeds'"), (["--learning-rates", "2"], 64, "'--learning-rates'"),
        (["--dropout", "1"], 64, "'--dropout'"), (["--max-length", "64"], 64, "the encoder takes 32"),
        (["--metric", "f2"], 64, "'f2'"), (["--test", "unknown.tsv"], 65, "the label \"third\" is not in"),
        (["--test", "pairs.tsv"], 65, "pairs of texts"), (["--test", "empty.tsv"], 65, "no examples"),
        (["--train", "ragged.tsv"], 65, "line 2: the line has 1 column"),
        (["--train", "nowhere.tsv"], 1, "nowhere.tsv"),
    ])
    func refuses(arguments: [String], status: Int32, message: String) throws {
        try withTask { task in
            let files = [
                "unknown.tsv": "third\ta\n", "pairs.tsv": "first\ta\tb\n", "empty.tsv": "",
                "ragged.tsv": "first\ta\nb\n",
            ]
            for (name, text) in files { try text.write(toFile: task.path(name), atomically: true, encoding: .utf8) }
            var command = task.finetune()
            for (option, value) in zip(arguments, arguments.dropFirst()) where option.hasPrefix("--") {
                let value = value.hasSuffix(".tsv") ? task.path(value) : value
                if let place = command.firstIndex(of: option) {
                    command[place + 1] = value
                } else {
                    command += [option, value]
                }
            }
            let refusal = try fastElectra(command)
            #expect(refusal.status == status && refusal.errors.contains(message), "\(refusal.errors)")
            #expect(!FileManager.default.fileExists(atPath: task.path("classifier")), "nothing was begun")
        }
    }

    @Test func scoresPairs() throws {
        try withTask { task in
            let pairs = (0..<70).map { index in
                let words = ["the", "river", "night", "house", "and"]
                let (first, second) = (words[index % 5], words[(index / 5) % 5])
                return
                    #"{"sentence_good": "\#(first) \#(second)", "sentence_bad": "\#(second) \#(first)", "UID": "u\#(index % 2)", "field": "f"}"#
            }
            try pairs.joined(separator: "\n").write(toFile: task.path("pairs.jsonl"), atomically: true, encoding: .utf8)
            try task.workshop.run(task.workshop.generate(into: "shards", passes: 1))
            try task.workshop.run(task.workshop.train(into: "run", steps: 2))
            for (model, score) in [("generator", "pseudo-log-likelihood"), ("run", "log P(original)")] {
                let arguments = ["score", "--model", task.path(model), "--pairs", task.path("pairs.jsonl")]
                let result = try task.json(arguments)
                #expect(result["score"] as? String == score && result["pairs"] as? Int == 70)
                let paradigms = try #require(result["paradigms"] as? [[String: Any]])
                #expect(paradigms.map { $0["name"] as? String } == ["u0", "u1"])
                let accuracies = try paradigms.map { try #require($0["accuracy"] as? Double) }
                let all = try #require(result["accuracy"] as? Double)
                #expect(abs(accuracies.reduce(0, +) / 2 - all) < 1e-12)
                let one = try task.json(arguments + ["--threads", "1"])
                #expect(one["accuracy"] as? Double == all)
                #expect(try fastElectra(arguments).output.contains("u1"))
            }
            let files = try fastElectra(
                "score", "--model", task.path("run"), "--json", "--pairs", task.path("pairs.jsonl"),
                task.path("pairs.jsonl"))
            #expect(files.output.contains(#""pairs":140"#), "all files of one option: \(files.output)")
            let refusal = try fastElectra("score", "--model", task.path("generator"), "--pairs", task.path("train.tsv"))
            #expect(refusal.status == 65 && refusal.errors.contains("sentence_good"), "\(refusal.errors)")
        }
    }
}
