import Foundation
import Testing

/// The sources of sequences, and the tokens that are never drawn, from `generate` to `inspect`.
@Suite("Sources and draws on the command line")
struct SourceTests {
    private func header(_ report: [String: Any]) throws -> [String: Any] {
        try #require(report["header"] as? [String: Any])
    }

    private func inspect(_ path: String) throws -> [String: Any] {
        let finished = try fastElectra("inspect", path, "--json")
        #expect(finished.status == 0, "\(finished.errors)")
        return try #require(try JSONSerialization.jsonObject(with: Data(finished.output.utf8)) as? [String: Any])
    }

    private func generate(_ workshop: Workshop, _ text: [String], into folder: String, _ more: String...) -> [String] {
        ["generate", "--generator", workshop.path("generator"), "--out", workshop.path(folder), "--max-length", "16"]
            + ["--top-k", "4", "--races", "2", "--threads", "2"] + more + text
    }

    /// Acceptance: names stand in the header, `inspect` counts by source, and a killed run ends as an undisturbed one does.
    @Test func sequencesAreCountedBySource() throws {
        try withWorkshop { workshop in
            let text = try String(contentsOfFile: Workshop.text, encoding: .utf8)
            let german = workshop.folder.appendingPathComponent("de.txt")
            try Data(text.prefix(text.count / 3).utf8).write(to: german)
            let list = workshop.folder.appendingPathComponent("files.list")
            try Data("\(german.path)\n\(german.path)\n".utf8).write(to: list)
            let arguments = ["--text", "en=\(Workshop.text)", Workshop.text, "--text", "de=@\(list.path)"]
            try workshop.run(generate(workshop, arguments, into: "named"))
            try workshop.run(generate(workshop, ["--text", Workshop.text, Workshop.text], into: "english"))
            try workshop.run(generate(workshop, ["--text", german.path, german.path], into: "german"))
            let (named, english, german2) = (
                try inspect(workshop.path("named")), try inspect(workshop.path("english")),
                try inspect(workshop.path("german"))
            )
            #expect(try header(named)["sources"] as? [String] == ["en", "de"])
            #expect(try header(english)["sources"] as? [String] == [""])
            let sources = try #require(named["sources"] as? [[String: Any]])
            #expect(sources.map { $0["name"] as? String } == ["en", "de"])
            for (source, alone) in zip(sources, [english, german2]) {
                #expect(source["sequences"] as? Int == alone["sequences"] as? Int)
                #expect(source["tokens"] as? Int == alone["tokens"] as? Int)
            }
            for (shards, isWarned) in [("named", false), ("english", true)] {
                let run = try fastElectra(
                    ["train", "--shards", workshop.path(shards), "--preset", workshop.path("preset.json"), "--out"]
                        + [
                            workshop.path("run-\(shards)"), "--source-power", "0.5", "--steps", "1", "--batch-size",
                            "4",
                        ])
                #expect(run.status == 0 && run.errors.contains("--source-power has no effect") == isWarned)
            }
            let shown = try fastElectra("inspect", workshop.path("named")).output
            #expect(shown.contains("tokens by source") && shown.contains("  de  "))
            #expect(!(try fastElectra("inspect", workshop.path("english")).output.contains("tokens by source")))

            let killed = try workshop.run(
                generate(workshop, arguments, into: "killed"), killedAfter: 0.05, seeing: "killed/run.json")
            try workshop.run(generate(workshop, arguments, into: "killed"))
            let (whole, parts) = (try workshop.files(of: "named"), try workshop.files(of: "killed"))
            for name in whole.keys where name.hasSuffix(".shard") || name == "manifest.json" {
                #expect(whole[name] == parts[name], "\(name), killed: \(killed)")
            }
            // Other names are another data set.
            let renamed = ["--text", "en=\(Workshop.text)", Workshop.text, "--text", "nl=@\(list.path)"]
            let refused = try fastElectra(generate(workshop, renamed, into: "named"))
            #expect(refused.status != 0 && refused.errors.contains("--text"))
        }
    }

    /// Pairs with sources from `mlm` to `train`, where sources come by with weights of the tokens' number to a power.
    @Test func pairsGoThroughWithSources() throws {
        try withWorkshop { workshop in
            func write(_ name: String, _ lines: [String]) throws -> String {
                let path = workshop.folder.appendingPathComponent(name)
                try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: path)
                return path.path
            }
            let words = ["package", "library", "program", "file", "system", "text", "the", "of", "with"]
            func text(_ number: Int) -> String {
                (0..<6).map { words[(number * 7 + $0 * $0) % 9] }.joined(separator: " ")
            }
            let large = try write("large.tsv", (0..<600).map { "\(text($0))\t\(text($0 + 1))" })
            let small = try write(
                "small.jsonl", (0..<60).map { #"{"text": "\#(text($0))", "text_pair": "\#(text($0 + 2))"}"# })
            let pairs = ["--pairs", "en-de=\(large)", "en-fr=\(small)"]
            try workshop.run(
                ["mlm", "--vocab", workshop.path("vocabulary"), "--preset", workshop.path("preset.json"), "--out"]
                    + [workshop.path("paired"), "--steps", "2", "--batch-size", "4", "--max-length", "32"] + pairs)
            try workshop.run(
                ["generate", "--generator", workshop.path("paired"), "--out", workshop.path("shards")]
                    + ["--max-length", "32", "--top-k", "4", "--races", "2"] + pairs)
            let report = try inspect(workshop.path("shards"))
            let sources = try #require(report["sources"] as? [[String: Any]])
            #expect(sources.map { $0["sequences"] as? Int } == [600, 60])
            try workshop.run(
                workshop.train(into: "run", steps: 60) + ["--source-power", "0.7", "--focal", "linear:2"])
            let summary = workshop.folder.appendingPathComponent("run/summary.json")
            let object = try JSONSerialization.jsonObject(with: Data(contentsOf: summary)) as? [String: Any]
            let tokens = try #require(
                object?["tokensBySource"] as? [String: Double] ?? object?["tokens_by_source"] as? [String: Double])
            let counts = sources.map { pow($0["tokens"] as? Double ?? 0, 0.7) }
            let expected = counts[1] / (counts[0] + counts[1])
            let found = (tokens["en-fr"] ?? 0) / ((tokens["en-fr"] ?? 0) + (tokens["en-de"] ?? 0))
            // 240 sequences: five standard deviations.
            #expect(abs(found - expected) < 5 * (expected * (1 - expected) / 240).squareRoot(), "\(found), \(expected)")
            let refused = try fastElectra(
                ["generate", "--generator", workshop.path("paired"), "--out", workshop.path("x"), "--text", large]
                    + pairs)
            #expect(refused.status == 64 && refused.errors.contains("not both"))
        }
    }

    /// A path with `=` in it is a path where it is there, and behind `./` always.
    @Test func pathsWithAnEqualsSignStayPaths() throws {
        try withWorkshop { workshop in
            let path = workshop.folder.appendingPathComponent("year=2020")
            try FileManager.default.createDirectory(at: path, withIntermediateDirectories: true)
            try FileManager.default.copyItem(atPath: Workshop.text, toPath: path.appendingPathComponent("a.txt").path)
            try workshop.run(generate(workshop, ["--text", path.path, path.path + "/a.txt"], into: "paths"))
            #expect(try header(try inspect(workshop.path("paths")))["sources"] as? [String] == [""])
            let missing = try fastElectra(generate(workshop, ["--text", "./a=b.txt"], into: "missing"))
            #expect(missing.status != 0 && missing.errors.contains("./a=b.txt"))
            let named = try fastElectra(generate(workshop, ["--text", "a=b.txt"], into: "missing"))
            #expect(named.status != 0 && named.errors.contains("b.txt") && !named.errors.contains("a=b.txt"))
            let mixed = try fastElectra(
                generate(workshop, ["--text", Workshop.text, "--text", "en=\(Workshop.text)"], into: "missing"))
            #expect(mixed.status == 64 && mixed.errors.contains("has no source"))
        }
    }

    /// By default no draw is a token that stands for no text; with `--draw-special` any token can be one.
    @Test func specialTokensAreDrawnOnRequestAlone() throws {
        try withWorkshop { workshop in
            let text = ["--text", Workshop.text]
            try workshop.run(generate(workshop, text, into: "without", "--top-k", "600"))
            try workshop.run(generate(workshop, text, into: "with", "--top-k", "600", "--draw-special"))
            let (without, with) = (try inspect(workshop.path("without")), try inspect(workshop.path("with")))
            #expect(try header(without)["never_drawn"] as? [[Int]] == [[0, 4]])
            #expect(try header(with)["never_drawn"] as? [[Int]] == [])
            let told = try #require(without["never_drawn"] as? [String: Any])
            #expect(told["count"] as? Int == 5)
            #expect(told["first"] as? [String] == ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
            #expect(try fastElectra("inspect", workshop.path("without")).output.contains("[PAD], [UNK], [CLS]"))
            // Where all logits are kept, the tokens that are left out stand there without a weight.
            func specialCodes(_ folder: String) throws -> [Int] {
                let finished = try fastElectra("inspect", workshop.path(folder), "--sequence", "0", "--json")
                let report = try #require(
                    try JSONSerialization.jsonObject(with: Data(finished.output.utf8)) as? [String: Any])
                return try #require(report["masked_positions"] as? [[String: Any]]).flatMap { position in
                    let stored = try #require(position["stored"] as? [String: Any])
                    let tokens = try #require(stored["head_tokens"] as? [Int])
                    let codes = try #require(stored["head_codes"] as? [Int])
                    return zip(tokens, codes).filter { $0.0 < 5 }.map(\.1)
                }
            }
            let (left, kept) = (try specialCodes("without"), try specialCodes("with"))
            #expect(left.count >= 5 && left.allSatisfy { $0 == 65535 })
            #expect(kept.count == left.count && kept.allSatisfy { $0 < 65535 })
            let changed = try fastElectra(generate(workshop, text, into: "without", "--top-k", "600", "--draw-special"))
            #expect(changed.status != 0 && changed.errors.contains("--draw-special"))
        }
    }
}
