import Foundation
import Testing

/// The texts that the commands take, and their messages about bad text.
@Suite("Text on the command line")
struct TextInputTests {
    private func write(_ text: String, to name: String, in folder: URL) throws -> String {
        let file = folder.appendingPathComponent(name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
        return file.path
    }

    private func json(_ finished: FinishedProgram) throws -> [String: Any] {
        try #require(finished.status == 0, "\(finished.errors)")
        let object = try JSONSerialization.jsonObject(with: Data(finished.output.utf8))
        return try #require(object as? [String: Any])
    }

    @Test func takesFoldersAndLists() throws {
        try withTemporaryFolder { folder in
            let text = try String(contentsOfFile: Workshop.text, encoding: .utf8)
            let half = text.index(text.startIndex, offsetBy: text.count / 2)
            let parts = [
                try write(String(text[..<half]), to: "corpus/1.txt", in: folder),
                try write(String(text[half...]), to: "corpus/2/2.TXT", in: folder),
            ]
            _ = try write("nothing of it", to: "corpus/notes.md", in: folder)
            let list = try write(parts.joined(separator: "\n"), to: "list", in: folder)
            let ways = [parts, [folder.appendingPathComponent("corpus").path], ["@" + list]]
            let vocabularies = try ways.enumerated().map { index, names in
                let out = folder.appendingPathComponent("v\(index)")
                let finished = try fastElectra(["vocab", "--size", "500", "--out", out.path, "--text"] + names)
                #expect(finished.status == 0, "\(finished.errors)")
                return try Data(contentsOf: out.appendingPathComponent("vocab.txt"))
            }
            #expect(vocabularies[0] == vocabularies[1] && vocabularies[0] == vocabularies[2])
            // The way they are named does not count: the run is the same.
            let again = try fastElectra(
                ["vocab", "--size", "500", "--json", "--out", folder.appendingPathComponent("v0").path, "--text"]
                    + ways[2])
            #expect(try json(again)["did_work"] as? Bool == false)
        }
    }

    /// The output of this program in a folder of text is not text.
    @Test func passesOverItsOwnOutput() throws {
        try withTemporaryFolder { folder in
            let text = try String(contentsOfFile: Workshop.text, encoding: .utf8)
            let corpus = URL(fileURLWithPath: try write(text, to: "corpus/1.txt", in: folder))
                .deletingLastPathComponent()
            // The last time, all is done.
            for name in ["a", "b", "a"] {
                let finished = try fastElectra(
                    "vocab", "--size", "500", "--text", corpus.path, "--out", corpus.path + "/" + name)
                #expect(finished.status == 0, "\(finished.errors)")
            }
            let files = ["a", "b"].map { corpus.appendingPathComponent($0 + "/vocab.txt") }
            #expect(try Data(contentsOf: files[0]) == Data(contentsOf: files[1]))
        }
    }

    /// Lines that are left out behind the last sequence count, too.
    @Test func countsLinesLeftOutAtTheEnd() throws {
        try withWorkshop { workshop in
            let pairs = #"{"text":"the town","text_pair":"opens at nine"}"# + "\n{\"text\":\"x\"}\n{\"text\":\"y\"}\n"
            let file = try write(pairs, to: "pairs.jsonl", in: workshop.folder)
            let arguments = [
                "generate", "--generator", workshop.path("generator"), "--pairs", file, "--max-length", "16",
                "--bad-lines", "skip", "--out", workshop.path("shards"), "--threads", "1", "--json",
            ]
            for _ in 0..<2 {
                let text = try #require(try json(try fastElectra(arguments))["text"] as? [String: Any])
                #expect((text["skipped_lines"] as? [String: Any])?["count"] as? Int == 2)
            }
        }
    }

    @Test func takesManyNamesFromAList() throws {
        try withTemporaryFolder { folder in
            let name = try write("many small files of few words\n", to: "1.txt", in: folder)
            let list = try write(String(repeating: name + "\n", count: 20_000), to: "list", in: folder)
            let result = try fastElectra(
                "vocab", "--text", "@" + list, "--out", folder.appendingPathComponent("v").path, "--json")
            #expect(try json(result)["words"] as? Int == 6 * 20_000)
        }
    }

    /// All of them reach the command, whatever stands between them. One by one they took the parser a minute.
    @Test func takesManyNamesFromTheCommandLine() throws {
        try withTemporaryFolder { folder in
            let name = try write("many small files of few words\n", to: "1.txt", in: folder)
            // A command line has at most 2 MB.
            let names = Array(repeating: name, count: min(40_000, 1_200_000 / (name.utf8.count + 9)) / 2)
            let out = folder.appendingPathComponent("v").path
            let result = try fastElectra(
                ["vocab", "--text"] + names + ["--json", "--text=" + name] + names + ["--out", out])
            #expect(try json(result)["words"] as? Int == 6 * (2 * names.count + 1))
        }
    }

    @Test func namesThatAreNoneAreRefusedOneByOne() throws {
        try withTemporaryFolder { folder in
            let name = try write("some words\n", to: "1.txt", in: folder)
            let out = folder.appendingPathComponent("v").path
            let empty = try fastElectra("vocab", "--text", name, "", name, "--out", out)
            #expect(
                empty.status == 64 && empty.errors.contains("The value '' is invalid for '--text"), "\(empty.errors)")
            let missing = try fastElectra("vocab", "--text", name, "nowhere", name, "--out", out)
            #expect(missing.status == 1 && missing.errors.contains("error: nowhere: cannot open"), "\(missing.errors)")
            let behind = try fastElectra("vocab", "--text", name, "--out", out, "--", "--text", name, name)
            #expect(behind.status == 64 && behind.errors.contains("unexpected arguments: "), "\(behind.errors)")
        }
    }

    @Test func spellsATextOfManyCharacters() throws {
        try withTemporaryFolder { folder in
            let ideographs = (0..<5000 as Range<UInt32>).compactMap { Unicode.Scalar(0x4E00 + $0) }
            let text = try write(ideographs.map { "\($0)\($0)" }.joined(), to: "chinese.txt", in: folder)
            func learn(_ out: String, _ options: String...) throws -> FinishedProgram {
                try fastElectra(
                    ["vocab", "--text", text, "--size", "21128", "--json", "--out"]
                        + [folder.appendingPathComponent(out).path] + options)
            }
            let result = try json(try learn("v"))
            #expect(result["kept_characters"] as? Int == 4998 && result["dropped_characters"] as? Int == 2)
            #expect(result["unknown_words"] as? Int == 4)
            let few = try learn("w", "--alphabet", "1000")
            #expect(try json(few)["kept_characters"] as? Int == 1000)
            #expect(few.errors.contains("warning: 80.00 % of the words are unknown ones"), "\(few.errors)")
        }
    }

    @Test func saysWhatIsWrongWithTheText() throws {
        try withWorkshop { workshop in
            func generate(_ text: String, _ options: String...) throws -> FinishedProgram {
                try fastElectra(
                    [
                        "generate", "--generator", workshop.path("generator"), "--out",
                        workshop.path("o-\(options.count)"),
                    ]
                        + ["--text", text, "--max-length", "16", "--top-k", "4", "--races", "2", "--json"] + options)
            }
            let strange = try write(String(repeating: "船は七時に島を出る。", count: 50), to: "s.txt", in: workshop.folder)
            let refused = try generate(strange)
            #expect(
                refused.status == 65 && refused.errors.contains("the text has no token to mask"), "\(refused.errors)")
            func contents() -> [String] {
                (try? FileManager.default.contentsOfDirectory(atPath: workshop.path("o-0"))) ?? []
            }
            #expect(contents() == [], "nothing was begun")
            let trained = try fastElectra(
                "mlm", "--text", strange, "--vocab", workshop.path("vocabulary"), "--preset",
                workshop.path("preset.json"), "--out", workshop.path("m"), "--steps", "2", "--max-length", "16")
            #expect(trained.status == 65 && trained.errors.contains("the text has no token to mask"))

            let line = #"{"text": "The vessel left the harbor \ud83d in the morning 船 船 船."}"#
            let lines = try write(
                String(repeating: line + "\n", count: 40) + "{\n" + line, to: "d.jsonl", in: workshop.folder)
            let stopped = try generate(lines)
            #expect(
                stopped.status == 65 && stopped.errors.contains("d.jsonl, line 41: not valid JSON"), "\(stopped.errors)"
            )
            #expect(contents() == [], "the bad line is found before any work")

            let skipped = try generate(lines, "--bad-lines", "skip")
            let text = try #require(try json(skipped)["text"] as? [String: Any])
            #expect((text["skipped_lines"] as? [String: Any])?["count"] as? Int == 1)
            #expect((text["lone_surrogates"] as? [String: Any])?["count"] as? Int == 41)
            #expect(try #require(text["unknown_tokens"] as? Int) == 3 * 41)
            for words in [
                "1 line could not be read and is left out, the first is \(lines), line 41",
                "41 halves of surrogate pairs stand alone", "of the tokens of the text are unknown ones",
            ] {
                #expect(skipped.errors.contains(words), "\(skipped.errors)")
            }
            let run = try String(contentsOfFile: workshop.path("o-2/run.json"), encoding: .utf8)
            #expect(run.contains(#""--bad-lines" : "skip""#))
            // The result is the same where all was done before.
            let again = try json(try generate(lines, "--bad-lines", "skip"))
            #expect((again["text"] as? [String: Any])?["unknown_tokens"] as? Int == 3 * 41)

            let latin = workshop.folder.appendingPathComponent("l.txt")
            try Data(Array("The caf".utf8) + [0xE9] + Array(" in the harbor\n".utf8)).write(to: latin)
            let warned = try generate(latin.path, "--seed", "5", "--passes", "1")
            #expect(
                warned.errors.contains(
                    "warning: 1 line is not UTF-8 (4.35 % of the bytes), the first is \(latin.path), line 1"),
                "\(warned.errors)")
        }
    }

    /// The causes `unknown_tokens` and `invalid_text`: in the log, in the summary and on standard error.
    @Test func trainingSaysWhatTheTextLacks() throws {
        try withWorkshop { workshop in
            func train(on text: String, into out: String) throws -> (causes: Set<String>, errors: String) {
                let finished = try fastElectra(
                    ["mlm", "--text", text, "--vocab", workshop.path("vocabulary"), "--out", workshop.path(out)]
                        + ["--preset", workshop.path("preset.json"), "--steps", "2", "--max-length", "16"])
                try #require(finished.status == 0, "\(finished.errors)")
                let log = try String(contentsOfFile: workshop.path("\(out)/metrics.jsonl"), encoding: .utf8)
                let causes = try log.split(separator: "\n").compactMap { line in
                    try (JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])?["health"] as? String
                }
                let summary = try String(contentsOfFile: workshop.path("\(out)/summary.json"), encoding: .utf8)
                for cause in causes { #expect(summary.contains("\"\(cause)\""), "\(summary)") }
                return (Set(causes), finished.errors)
            }
            let sound = try train(on: Workshop.text, into: "sound").causes
            #expect(sound.isDisjoint(with: ["unknown_tokens", "invalid_text"]))
            let sample = try String(contentsOfFile: Workshop.text, encoding: .utf8)
            let strange = try write(sample.replacing(" the ", with: " 船 "), to: "strange.txt", in: workshop.folder)
            let unknown = try train(on: strange, into: "unknown")
            #expect(unknown.causes.subtracting(sound) == ["unknown_tokens"])
            #expect(
                unknown.errors.contains("% of the tokens are unknown ones: the vocabulary cannot spell"),
                "\(unknown.errors)")
            let latin = workshop.folder.appendingPathComponent("latin.txt")
            try Data(contentsOf: URL(fileURLWithPath: Workshop.text)).split(separator: 0x0A)
                .reduce(into: Data()) { $0 += $1 + [0x20, 0xE9, 0x0A] }.write(to: latin)
            let invalid = try train(on: latin.path, into: "invalid")
            #expect(invalid.causes.contains("invalid_text"))
            #expect(invalid.errors.contains("% of the bytes are not UTF-8, and read as U+FFFD"), "\(invalid.errors)")
        }
    }

    /// As many as a shard may have (docs/format.md).
    @Test func takesAsManyRacesAsTheFormat() throws {
        try withWorkshop { workshop in
            let text = try write("The vessel left the harbor.", to: "t.txt", in: workshop.folder)
            func finished(_ races: Int) throws -> FinishedProgram {
                try fastElectra(
                    ["generate", "--generator", workshop.path("generator"), "--text", text, "--out"]
                        + [workshop.path("shards"), "--max-length", "16", "--top-k", "4", "--races", "\(races)"])
            }
            let refused = try finished(257)
            #expect(refused.status == 64 && refused.errors.contains("'--races' takes 1 to 256, not 257"))
            #expect(try finished(256).status == 0)
            #expect(try fastElectra("verify", workshop.path("shards")).status == 0)
        }
    }

    /// A folder of 2019, whose config.json tells no architecture.
    @Test func saysWhatTheTensorsTold() throws {
        try withWorkshop { workshop in
            let path = workshop.folder.appendingPathComponent("generator/config.json")
            let object = try JSONSerialization.jsonObject(with: Data(contentsOf: path))
            var values = try #require(object as? [String: Any])
            values["architectures"] = nil
            values["model_type"] = nil
            try JSONSerialization.data(withJSONObject: values).write(to: path)
            let finished = try fastElectra(workshop.generate(into: "shards", passes: 1))
            #expect(finished.status == 0)
            #expect(
                finished.errors.contains("names no architecture. Its tensors are those of ElectraForMaskedLM"),
                "\(finished.errors)")
        }
    }
}
