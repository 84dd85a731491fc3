import Foundation
import Testing

/// `inspect` through the real binary: on shards that it is given as they are, and on those of a short pipeline.
@Suite("Inspecting on the command line")
struct InspectTests {
    private static let golden = packageFolder.appendingPathComponent("Tests/FormatTests/Golden/head.shard")

    private func json(_ arguments: [String]) throws -> [String: Any] {
        let finished = try fastElectra(arguments + ["--json"])
        #expect(finished.status == 0, "\(arguments): \(finished.errors)")
        return try #require(try JSONSerialization.jsonObject(with: Data(finished.output.utf8)) as? [String: Any])
    }

    /// Acceptance: text from a corpus injects neither terminal escapes nor markup, wherever it is shown.
    @Test func hostileVocabulariesStayText() throws {
        let evil = ["\u{1B}[2J\u{1B}]0;owned\u{7}", "</script><script>alert(1)</script>", "\u{202E}<!--", "\u{9B}31m"]
        try PipelineTests.withPipeline { pipeline in
            let special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
            let tokens = special + (5..<600).map { "x\($0)\(evil[$0 % evil.count])" }
            try FileManager.default.createDirectory(
                atPath: pipeline.path("vocabulary"), withIntermediateDirectories: true)
            try Data((tokens.joined(separator: "\n") + "\n").utf8).write(
                to: URL(fileURLWithPath: pipeline.path("vocabulary/vocab.txt")))
            let lines = (0..<20).map { line in "{\"input_ids\": \((0..<25).map { 5 + (line * 31 + $0 * 7) % 595 })}\n" }
            try Data(lines.joined().utf8).write(to: URL(fileURLWithPath: pipeline.path("ids.jsonl")))
            for stage in [pipeline.mlm, pipeline.generate] {
                _ = try pipeline.json(
                    stage.map {
                        $0 == "--text" ? "--ids" : $0 == PipelineTests.Pipeline.text ? pipeline.path("ids.jsonl") : $0
                    })
            }
            let shards = pipeline.path("shards")
            let page = URL(fileURLWithPath: pipeline.path("page.html"))
            let runs = [
                ["inspect", shards], ["inspect", shards, "--sequence", "1"], ["inspect", "--compare", shards, shards],
                ["inspect", shards, "--html", page.path],
            ]
            for arguments in runs.flatMap({ [$0, $0 + ["--json"]] }) {
                let finished = try fastElectra(arguments)
                #expect(finished.status == 0 && finished.errors.isEmpty, "\(arguments): \(finished.errors)")
                for scalar in finished.output.unicodeScalars where scalar != "\n" {
                    let kind = scalar.properties.generalCategory
                    #expect(kind != .control && kind != .format, "\(arguments): \(scalar.value)")
                }
            }
            #expect(try fastElectra(runs[1]).output.contains(#"\u{1b}[2J"#), "it is shown as what it is")
            let html = try String(contentsOf: page, encoding: .utf8)
            #expect(html.components(separatedBy: "<script").count == 3 && !html.contains("<!--"))
            #expect(!html.unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{202E}" })
        }
    }

    /// The names of another vocabulary would be wrong ones.
    @Test func tokensOfAnotherVocabularyAreShownByTheirIds() throws {
        try PipelineTests.withPipeline { pipeline in
            for stage in [pipeline.vocab, pipeline.mlm, pipeline.generate] { _ = try pipeline.json(stage) }
            let page = pipeline.path("page.html")
            let runs = [
                ["inspect", pipeline.path("shards"), "--sequence", "0"], ["inspect", pipeline.path("shards")],
                ["inspect", pipeline.path("shards"), "--html", page],
            ]
            for run in runs { #expect(try fastElectra(run).errors.isEmpty) }
            let vocabulary = URL(fileURLWithPath: pipeline.path("shards/vocab.txt"))
            var tokens = try String(contentsOf: vocabulary, encoding: .utf8).split(separator: "\n")
            let former = tokens[300]
            tokens[5...].reverse()
            try Data((tokens.joined(separator: "\n") + "\n").utf8).write(to: vocabulary)
            for run in runs {
                let shown = try fastElectra(run)
                #expect(
                    shown.status == 0 && shown.errors.contains("has other tokens than its shards"), "\(shown.errors)")
                #expect(shown.errors.contains("Tokens are shown by their ids."))
                #expect(!shown.output.contains(" \(former) "))
            }
            #expect(try fastElectra(runs[0]).output.contains("#2"), "[CLS]")
        }
    }

    /// Acceptance: each find of fuzzing is shown or refused, as a page and beside a sound shard too.
    @Test func hostileShards() throws {
        let finds = packageFolder.appendingPathComponent("Tests/FormatTests/Finds")
        let names = try FileManager.default.contentsOfDirectory(atPath: finds.path).filter { $0.hasSuffix(".shard") }
        try withTemporaryFolder { folder in
            let page = folder.appendingPathComponent("page.html").path
            for index in stride(from: 0, to: names.count, by: max(1, names.count / 10)) {
                let path = finds.appendingPathComponent(names.sorted()[index]).path
                for arguments in [["--html", page, path], ["--compare", path, Self.golden.path], ["--json", path]] {
                    let finished = try fastElectra(["inspect"] + arguments)
                    let comment = Comment(rawValue: "\(arguments): \(finished.status) \(finished.errors)")
                    #expect([0, 65].contains(finished.status), comment)
                    #expect(finished.errors.split(separator: "\n").count == (finished.status == 0 ? 0 : 1), comment)
                }
            }
        }
    }

    @Test func aPageIsWholeAndSmall() throws {
        try withTemporaryFolder { folder in
            let page = folder.appendingPathComponent("page.html")
            let report = try json(["inspect", Self.golden.path, "--html", page.path, "--seed", "5"])
            let html = try Data(contentsOf: page)
            #expect(report["bytes"] as? Int == html.count && html.count < 2_000_000)
            #expect(report["seed"] as? Int == 5 && report["page"] as? String == page.path)
            _ = try json(["inspect", Self.golden.path, "--html", page.path, "--seed", "5"])
            #expect(try Data(contentsOf: page) == html, "the same page from the same seed")
            let nowhere = folder.appendingPathComponent("none/page.html").path
            #expect(try fastElectra("inspect", Self.golden.path, "--html", nowhere).status == 1)
        }
    }

    /// The shard that is inspected, any other file, a device: none of them is replaced by a page.
    @Test func onlyAnEarlierPageIsReplaced() throws {
        try withTemporaryFolder { folder in
            let shard = folder.appendingPathComponent("a.shard")
            try FileManager.default.copyItem(at: Self.golden, to: shard)
            let notes = folder.appendingPathComponent("notes.txt")
            try Data("mine".utf8).write(to: notes)
            for file in [shard, notes] {
                let before = try Data(contentsOf: file)
                let refusal = try fastElectra("inspect", shard.path, "--html", file.path)
                #expect(
                    refusal.status == 64 && refusal.errors.contains("is not a page of inspect"), "\(refusal.errors)")
                #expect(try Data(contentsOf: file) == before)
            }
            let page = folder.appendingPathComponent("page.html")
            let link = folder.appendingPathComponent("link.html")
            for _ in 1...2 { _ = try json(["inspect", shard.path, "--html", page.path]) }
            try FileManager.default.createSymbolicLink(at: link, withDestinationURL: page)
            _ = try json(["inspect", shard.path, "--html", link.path, "--seed", "5"])
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link.path) == page.path)
            #expect(try String(contentsOf: page, encoding: .utf8).hasPrefix("<!DOCTYPE html>"))
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 4, "nothing else is left")
        }
    }

    @Test func aPageGoesToStandardOutputAndDevices() throws {
        for name in ["-", "/dev/stdout"] {
            let page = try fastElectra("inspect", Self.golden.path, "--html", name)
            #expect(page.status == 0 && page.errors.isEmpty)
            #expect(page.output.hasPrefix("<!DOCTYPE html>") && page.output.hasSuffix("</html>\n"), "the page alone")
        }
        var status = stat()
        #expect(lstat("/dev/stdout", &status) == 0 && status.st_mode & S_IFMT == S_IFLNK, "it is what it was")
        #expect(try fastElectra("inspect", Self.golden.path, "--html", "/dev/null").status == 0)
        #expect(stat("/dev/null", &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
        let full = try fastElectra("inspect", Self.golden.path, "--html", "/dev/full")
        #expect(full.status == 1 && full.errors.contains("/dev/full: cannot write"), "\(full.errors)")
        #expect(try fastElectra("inspect", Self.golden.path, "--html", "-", "--json").status == 64)
    }

    @Test func comparesADataSetWithItself() throws {
        let comparison = try json(["inspect", "--compare", Self.golden.path, Self.golden.path])
        let shared = try #require(comparison["shared"] as? [String: Any])
        let summaries = try #require(comparison["data_sets"] as? [[String: Any]])
        let texts = try summaries.map { try JSONSerialization.data(withJSONObject: $0, options: .sortedKeys) }
        #expect(texts.count == 2 && texts[0] == texts[1])
        #expect(shared["masked_in_both"] as? Int == summaries[0]["masked_positions"] as? Int)
        for point in try #require(shared["temperatures"] as? [[String: Any]]) {
            #expect(point["total_variation"] as? Double == 0 && point["jensen_shannon"] as? Double == 0)
        }
    }

    @Test func modesThatDoNotGoTogetherAreRefused() throws {
        let path = Self.golden.path
        for arguments in [
            ["--compare", path], [path, path], ["--sequence", "0", "--html", "x", path], ["--sample", "0", path],
            ["--sequence", "0", "--sample", "4", path],
            ["--sequence", "0", "--schedule", "linear:2", path],
            ["--compare", "--sequence", "0", path, path], ["--temperature", "1.5", path], ["--visit", "1", path],
            ["--compare", "--temperature", "1.5", path, path],
        ] {
            let finished = try fastElectra(["inspect"] + arguments)
            #expect(finished.status == 64 && finished.output.isEmpty, "\(arguments): \(finished.errors)")
        }
    }

    /// A page begins at a temperature that the shards hold, as a sequence does.
    @Test(arguments: ["5", "0", "-1", "nan", "inf"])
    func temperaturesThatShardsDoNotHoldAreRefused(temperature: String) throws {
        try withTemporaryFolder { folder in
            let page = folder.appendingPathComponent("page.html").path
            for mode in [["--html", page], ["--sequence", "0"]] {
                let refused = try fastElectra(["inspect", Self.golden.path, "--temperature=\(temperature)"] + mode)
                #expect(refused.status == 64 && refused.output.isEmpty, "\(mode): \(refused.errors)")
                #expect(refused.errors.contains("temperature"), "\(mode): \(refused.errors)")
            }
            #expect(!FileManager.default.fileExists(atPath: page))
        }
    }
}
