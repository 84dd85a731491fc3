import Report
import Storage
import SystemPackage
import Testing

@Suite("summary.md")
struct SummaryTextTests {
    @Test func saysWhatTheRunCameTo() throws {
        let folder = try RunFolder("my run")
        let log =
            RunFolder.log(steps: 100) + #"{"health":"collapse","message":"it <b>has | collapsed","step":90}"# + "\n"
        _ = try folder.run(log, summary: RunFolder.summary)
        try SummaryText.write(toRunIn: folder.path)
        let text = try folder.contents(of: "summary.md")
        for part in [
            "# my run\n", "100 steps, 9,700 tokens, 2:01, 80.5 tokens/s, 1,234,567 parameters.",
            "## Data\n\n|  |  |\n| --- | --- |\n| `--shards` | 10 sequences in 1 shards, 0a |\n", "| `--seed` | 1 |",
            "| loss | 0.3433 |", "| T = 1.00 | 0.3000 | 0.7500 | 0.9000 | 0.8750 | - | 0.5000 |",
            "| T = 2.00 | 0.2000 | 0.8500 | 0.8000 | 0.7500 | 0.5000 | 0.2500 |",
            "- step 90: it &lt;b>has \\| collapsed\n",
            "    fast-electra train --seed 1 --shards SHARDS --steps 100 --out NEW_FOLDER\n",
        ] { #expect(text.contains(part), "\(part) is not in\n\(text)") }
    }

    @Test func isWrittenAnewWhereItIsOurs() throws {
        let folder = try RunFolder()
        _ = try folder.run(RunFolder.log(steps: 100), summary: RunFolder.summary)
        try SummaryText.write(toRunIn: folder.path)
        let first = try folder.contents(of: "summary.md")
        #expect(!first.contains("This repeats the run as it began"))
        let extended = RunFolder.summary.replacing("120.5", with: "60.25")
            .replacing("{", with: #"{"extensions":[{"after_step":50,"steps":100}],"#, maxReplacements: 1)
        _ = try folder.run(RunFolder.log(steps: 100), summary: extended)
        try SummaryText.write(toRunIn: folder.path)
        let second = try folder.contents(of: "summary.md")
        #expect(second.contains("1:00"))
        // The command is made of the settings, with the steps of the end.
        #expect(!second.contains("This repeats the run as it began"))
        try folder.write(second + "my notes", to: "summary.md")
        try SummaryText.write(toRunIn: folder.path)
        #expect(try folder.contents(of: "summary.md") == second + "my notes")
    }

    @Test func wordsThatBeganTheRunAreToldFromItsEnd() throws {
        let folder = try RunFolder()
        let extended = RunFolder.summary
            .replacing("{", with: #"{"extensions":[{"after_step":50,"steps":100}],"#, maxReplacements: 1)
        _ = try folder.run(RunFolder.log(steps: 100), summary: extended)
        try folder.write(
            #"{"arguments": ["--steps", "50"], "command": "train", "--shards": "1 sequence, 0a"}"#, to: "run.json")
        try SummaryText.write(toRunIn: folder.path)
        let text = try folder.contents(of: "summary.md")
        #expect(text.contains("--steps 50"))
        #expect(text.contains("This repeats the run as it began. It got more steps afterwards."))
    }

    @Test(arguments: ["", "my notes", "# Summary\n<!-- fast-electra -->"])
    func theFileOfOthersStays(text: String) throws {
        let folder = try RunFolder()
        _ = try folder.run(RunFolder.log(steps: 100), summary: RunFolder.summary)
        try folder.write(text, to: "summary.md")
        try SummaryText.write(toRunIn: folder.path)
        #expect(try folder.contents(of: "summary.md") == text)
    }
}
