import Foundation
import Testing

/// `report` through the real binary, on runs that `mlm` and `train` have made.
@Suite("Reporting on the command line")
struct ReportCommandTests {
    private func json(_ arguments: [String]) throws -> [String: Any] {
        let finished = try fastElectra(arguments + ["--json"])
        #expect(finished.status == 0 && finished.errors.isEmpty, "\(arguments): \(finished.errors)")
        return try #require(try JSONSerialization.jsonObject(with: Data(finished.output.utf8)) as? [String: Any])
    }

    private func text(of file: String) throws -> String { try String(contentsOfFile: file, encoding: .utf8) }

    /// Numbers of the last line of training, as Foundation's decoder reads them.
    private func lastLine(_ run: String) throws -> [String: Double] {
        let lines = try text(of: run + "/metrics.jsonl").split(separator: "\n").compactMap {
            try? JSONDecoder().decode([String: Double].self, from: Data($0.utf8))
        }
        return try #require(lines.last { $0["loss"] != nil })
    }

    @Test func runsSideBySide() throws {
        try withWorkshop { workshop in
            try workshop.run(workshop.generate(into: "shards", passes: 1))
            let evaluation = ["--eval-shards", workshop.path("shards"), "--eval-sequences", "20"]
            try workshop.run(workshop.train(into: "one", steps: 20) + evaluation)
            try workshop.run(workshop.train(into: "two", steps: 30) + ["--seed", "2"] + evaluation)
            let runs = ["generator", "one", "two"].map(workshop.path)
            let before = try ["generator", "one", "two"].map { try workshop.files(of: $0) }

            let report = try json(["report"] + runs)
            #expect(report["differing"] as? [String] == ["--focal", "--seed"])
            let shown = try #require(report["runs"] as? [[String: Any]])
            #expect(shown.map { $0["name"] as? String } == ["generator", "one", "two"])
            #expect(shown.map { $0["command"] as? String } == ["mlm", "train", "train"])
            #expect(shown.map { $0["steps"] as? Int } == [2, 20, 30])
            #expect(shown.allSatisfy { $0["is_finished"] as? Bool == true && $0["parameters"] as? Int ?? 0 > 1000 })
            struct Printed: Decodable {
                struct Run: Decodable { let last: [String: Double] }
                let runs: [Run]
            }
            let printed = try fastElectra(["report"] + runs + ["--json"]).output
            let last = try JSONDecoder().decode(Printed.self, from: Data(printed.utf8)).runs.map(\.last)
            #expect(try last == runs.map(lastLine))
            for (run, line) in zip(shown, last) {
                #expect(run["tokens"] as? Double == line["tokens"])
                // JSONSerialization reads the last bit of some numbers otherwise.
                let difference = try #require(run["seconds"] as? Double) - #require(line["seconds"])
                #expect(abs(difference) < 1e-9)
            }
            for run in shown.dropFirst() {
                #expect((run["evaluations"] as? [[String: Any]])?.count == 2)
                #expect(
                    (run["health"] as? [[String: Any]])?.map { $0["health"] as? String }.contains("held_out_trained_on")
                        == true)
            }

            let table = try fastElectra(["report"] + runs)
            #expect(table.status == 0 && table.errors.isEmpty)
            for part in ["run  ", "generator", "two, T = 2.00", "setting that differs", "--seed"] {
                #expect(table.output.contains(part), "\(part) is not in\n\(table.output)")
            }
            #expect(
                table.output.split(separator: "\n").contains { $0.contains(/steps +2 +20 +30$/) }, "\(table.output)")
            #expect(try ["generator", "one", "two"].map { try workshop.files(of: $0) } == before, "runs are only read")
        }
    }

    /// An interrupted run is called so, and gets its summary when it ends.
    @Test func anInterruptedRunAndItsSummary() throws {
        try withWorkshop { workshop in
            try workshop.run(workshop.generate(into: "shards", passes: 1))
            let command = workshop.train(into: "run", steps: 100_000, checkpointInterval: 5, logInterval: 1)
            #expect(try workshop.run(command, killedAfter: 0.2, seeing: "run/checkpoint-00000005"))
            let file = URL(fileURLWithPath: workshop.path("run/metrics.jsonl"))
            let log = try Data(contentsOf: file)
            try log.dropLast(3).write(to: file)
            let run = try #require((try json(["report", workshop.path("run")])["runs"] as? [[String: Any]])?.first)
            #expect(run["is_finished"] as? Bool == false && run["parameters"] == nil)
            #expect(run["steps"] as? Double == (run["last"] as? [String: Any])?["step"] as? Double)
            #expect(run["unreadable_lines"] as? [Int] == [])
            #expect(!FileManager.default.fileExists(atPath: workshop.path("run/summary.md")))
            #expect(try fastElectra("report", workshop.path("run")).output.contains("not finished"))
        }
        try withWorkshop { workshop in
            try workshop.run(workshop.generate(into: "shards", passes: 1))
            try workshop.run(
                workshop.train(into: "run", steps: 1234)
                    + ["--eval-shards", workshop.path("shards"), "--eval-sequences", "4"])
            try FileManager.default.removeItem(atPath: workshop.path("run/summary.json"))
            let shown = try fastElectra("report", workshop.path("run")).output
            #expect(shown.contains("run, step 1,234"), "\(shown)")
        }
        try withWorkshop { workshop in
            let summary = try text(of: workshop.path("generator/summary.md"))
            #expect(
                summary.contains("A run of `fast-electra mlm`: 2 steps") && summary.contains("## Data"), "\(summary)")
            // Whoever wrote one of that name keeps it.
            try Data("mine".utf8).write(to: URL(fileURLWithPath: workshop.path("generator/summary.md")))
            try workshop.run(
                ["mlm", "--text", Workshop.text, "--vocab", workshop.path("vocabulary"), "--preset"]
                    + [workshop.path("preset.json"), "--out", workshop.path("generator"), "--steps", "4"]
                    + ["--batch-size", "4", "--max-length", "32", "--threads", "2"])
            #expect(try text(of: workshop.path("generator/summary.md")) == "mine")
        }
    }

    @Test func pages() throws {
        try withWorkshop { workshop in
            let page = workshop.path("page.html")
            for _ in 1...2 {
                let report = try json(["report", workshop.path("generator"), "--html", page])
                #expect(report["page"] as? String == page)
                #expect(report["bytes"] as? Int == (try Data(contentsOf: URL(fileURLWithPath: page))).count)
            }
            let output = try fastElectra("report", workshop.path("generator"), "--html", "-")
            #expect(output.status == 0 && output.errors.isEmpty)
            #expect(try output.output == text(of: page), "the page alone, and the same page of the same runs")
            // Pages of other kinds are other files.
            let other = workshop.path("other.html")
            try workshop.run(workshop.generate(into: "shards", passes: 1))
            try workshop.run(["inspect", workshop.path("shards"), "--html", other])
            let before = try text(of: other)
            for (command, file) in [
                (["report", workshop.path("generator")], other),
                (["report", workshop.path("generator")], workshop.path("preset.json")),
                (["inspect", workshop.path("shards")], page),
            ] {
                let refusal = try fastElectra(command + ["--html", file])
                #expect(
                    refusal.status == 64 && refusal.errors.contains("is not a page of \(command[0])"),
                    "\(refusal.errors)")
            }
            #expect(try text(of: other) == before)
            #expect(try fastElectra("report", workshop.path("generator"), "--html", "-", "--json").status == 64)
        }
    }

    @Test func foldersOfNoRunAreRefused() throws {
        try withWorkshop { workshop in
            let (generator, vocabulary) = (workshop.path("generator"), workshop.path("vocabulary"))
            for (arguments, status, message) in [
                ([], 64, "Missing expected argument '<run> ...'"),
                ([generator, vocabulary], 64, "the command 'vocab' began this"),
                ([workshop.folder.path], 64, "has no run.json"), ([workshop.path("nowhere")], 1, "nowhere"),
            ] as [([String], Int32, String)] {
                let refusal = try fastElectra(["report"] + arguments)
                #expect(refusal.status == status && refusal.errors.contains(message), "\(refusal.errors)")
                #expect(refusal.output.isEmpty)
            }
        }
    }
}
