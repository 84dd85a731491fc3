import Foundation
import Report
import SystemPackage
import Testing

@Suite("Runs side by side")
struct RunReportTests {
    private func run(
        _ name: String = "run", _ settings: [String: String] = [:], log: String = RunFolder.log(steps: 100)
    ) throws -> RecordedRun {
        var folder = try RunFolder(name)
        folder.settings.merge(settings) { $1 }
        return try folder.run(log, summary: RunFolder.summary)
    }

    /// Figures are those of the last lines, to the bit, in the JSON too.
    @Test func lastFiguresAreThoseOfTheLastLines() throws {
        let log = RunFolder.log(steps: 170)
        let report = RunReport([try run(log: log)])
        let lines = try log.split(separator: "\n").map {
            try JSONDecoder().decode([String: Double].self, from: Data($0.utf8))
        }
        let training = try #require(lines.last { $0["loss"] != nil })
        #expect(report.runs[0].last == training)
        let evaluation = try #require(lines.last { $0["eval_loss"] != nil })
        #expect(report.runs[0].lastEvaluation == ["loss": evaluation["eval_loss"], "step": 100])
        struct Printed: Decodable {
            struct Run: Decodable { let last: [String: Double] }
            let runs: [Run]
        }
        let printed = try JSONDecoder().decode(Printed.self, from: JSONEncoder().encode(report))
        #expect(printed.runs.map(\.last) == [training])
        #expect(report.lastFigures.map(\.name) == ["loss", "auc", "temperature", "replace_rate"])
    }

    @Test func theBestEvaluationHasTheLowestLoss() throws {
        let log = "{\"eval_loss\":0.5,\"step\":1}\n{\"eval_loss\":0.25,\"step\":2}\n{\"eval_loss\":0.3,\"step\":100}\n"
        let best = try #require(RunReport([try run(log: log)]).runs[0].best)
        #expect(best.step == 2 && best.loss == 0.25 && best.path == "run/checkpoint-00000100")
        #expect(RunReport([try run(log: RunFolder.log(steps: 50))]).runs[0].best == nil)
    }

    @Test func settingsDiffer() throws {
        let same = try run("a")
        #expect(RunReport([same]).differing == [])
        #expect(RunReport([same, try run("b")]).differing == [])
        #expect(RunReport([same, try run("b", ["--seed": "2"])]).differing == ["--seed"])
        // Not given is not given, whether the version knew the setting or not.
        #expect(RunReport([same, try run("b", ["--new": ""])]).differing == [])
        #expect(RunReport([same, try run("b", ["--new": "x"])]).differing == ["--new"])
    }

    /// A setting that one command does not know is not different there.
    @Test func settingsOfTwoCommands() throws {
        let runs = [
            try run("a", ["command": "mlm", "--text": "t"]), try run("b", ["--seed": "2"]),
            try run("c", ["command": "mlm", "--text": "u"]),
        ]
        let report = RunReport(runs)
        #expect(report.differing == ["--seed", "--text"])
        #expect(report.runs(thatHave: "--text").map(\.name) == ["a", "c"])
        #expect(RunReport(Array(runs.prefix(2))).differing == ["--seed"])
    }

    @Test func namesTellRunsApart() throws {
        let (one, other) = (try run("run"), try run("run"))
        #expect(RunReport([one]).runs.map(\.name) == ["run"])
        let names = RunReport([one, other, try run("third")]).runs.map(\.name)
        #expect(names[0] != names[1] && names[0].hasSuffix("/run") && names[2] == "third")
        #expect(RunReport([try RecordedRun(one.folder.appending("."))]).runs.map(\.name) == ["run"])
        #expect(RunReport([one, one]).runs.map(\.name) == [one.folder.string, one.folder.string])
    }

    @Test func theCommandThatMakesTheRunAgain() throws {
        let run = try run(
            "a b",
            [
                "--preset": "small: 12x256, 4 heads", "--temperature": "exponential:2.0:0.1", "--note": "it's",
                "key": "x",
            ])
        let again = RunReport([run]).runs[0].again
        #expect(
            again.command
                == "fast-electra train --note 'it'\\''s' --preset small --seed 1 --shards SHARDS --steps 100 "
                + "--temperature exponential:2.0:0.1 --out NEW_FOLDER")
        #expect(again.content.map(\.name) == ["SHARDS"])
        #expect(again.content.map(\.content) == ["10 sequences in 1 shards, 0a"])
        let shaped = try self.run("a b", ["--preset": "2x128, 4 heads"])
        let path = shaped.folder.appending("config.json").string
        #expect(RunReport([shaped]).runs[0].again.command.contains(" --preset '\(path)' "))
    }

    /// A run that has the words which began it.
    @Test func theWordsThatBeganTheRun() throws {
        let folder = try RunFolder()
        let words = #"["--shards", "a b", "--shards=c", "--preset", "small", "--focal", ""]"#
        try folder.write(#"{"arguments": \#(words), "command": "train", "--shards": "1 sequence, 0a"}"#, to: "run.json")
        let report = RunReport([try RecordedRun(folder.path)])
        #expect(
            report.runs[0].again.command
                == "fast-electra train --shards 'a b' --shards=c --preset small --focal '' --out NEW_FOLDER")
        #expect(report.runs[0].again.content.isEmpty && report.settingNames == ["--shards"])
        try folder.write(#"{"arguments": [1], "command": "train"}"#, to: "run.json")
        #expect(throws: ReportError.self) { _ = try RecordedRun(folder.path) }
    }
}
