import Foundation
import Report
import Storage
import SystemPackage
import Testing

@Suite("Reading the folder of a run")
struct RecordedRunTests {
    private func error(of folder: RunFolder) throws -> ReportError {
        try #require(throws: ReportError.self) { _ = try RecordedRun(folder.path) }
    }

    @Test func aFinishedRun() throws {
        let run = try RunFolder().run(RunFolder.log(steps: 100), summary: RunFolder.summary)
        #expect(run.isFinished && run.steps == 100 && run.command == "train")
        #expect(run.tokens == 9700 && run.seconds == 120.5 && run.outcome?.parameters == 1_234_567)
        #expect(run.tokensPerSecond == 9700 / 120.5)
        #expect(run.outcome?.evaluations.map { $0["temperature"] } == [1, 2])
        #expect(run.outcome?.evaluations[0]["precision"] == nil && run.outcome?.evaluations[1]["precision"] == 0.5)
        #expect(run.settings == ["--seed": "1", "--shards": "10 sequences in 1 shards, 0a", "--focal": ""])
    }

    /// Interrupted, or going on with more steps: then the summary is of before.
    @Test(arguments: [nil, RunFolder.summary, "{", #"{"steps": null}"#])
    func aRunThatIsNotFinished(summary: String?) throws {
        let run = try RunFolder().run(RunFolder.log(steps: 150), summary: summary)
        #expect(!run.isFinished && run.steps == 150)
        #expect(run.tokens == 150 * 97 && run.seconds == 50)
    }

    @Test func aRunThatHasJustBegun() throws {
        let run = try RunFolder().run()
        #expect(!run.isFinished && run.steps == 0 && run.tokens == nil && run.seconds == nil)
        #expect(run.metrics.training.isEmpty && run.tokensPerSecond == nil)
    }

    /// Settings of later versions may not be texts.
    @Test func settingsOfAnyKind() throws {
        let folder = try RunFolder()
        try folder.write(#"{"command": "mlm", "--steps": 12, "--flag": true, "--list": [1]}"#, to: "run.json")
        let settings = try RecordedRun(folder.path).settings
        #expect(settings["--steps"] == "12" && settings["--flag"] == "true")
        #expect(settings["--list"]?.filter { !$0.isWhitespace } == "[1]")
    }

    @Test func aFolderWithoutARun() throws {
        let folder = try RunFolder()
        try folder.write("{}", to: "config.json")
        let error = try error(of: folder)
        #expect(error.kind == .noRun && error.blame == .usage && error.path == folder.path)
        #expect(error.description.contains("no run.json") && error.description.contains("Name a folder"))
    }

    @Test(arguments: ["finetune", "generate", "vocab"])
    func theFolderOfAnotherCommand(command: String) throws {
        var folder = try RunFolder()
        folder.settings["command"] = command
        let error = try #require(throws: ReportError.self) { _ = try folder.run() }
        #expect(error.kind == .otherCommand(command) && error.blame == .usage)
        #expect(error.problem.contains("'\(command)' began this"))
    }

    @Test(arguments: ["", "{", "[]", "{}", #"{"--seed": "1"}"#])
    func settingsThatCannotBeRead(json: String) throws {
        let folder = try RunFolder()
        try folder.write(json, to: "run.json")
        let error = try error(of: folder)
        if case .malformedRun = error.kind {} else { Issue.record(error) }
        #expect(error.blame == .data && error.path.lastComponent == "run.json")
    }

    @Test func aPathWithoutAFolder() throws {
        let folder = try RunFolder()
        try folder.write("", to: "file")
        for name in ["nowhere", "file"] {
            let error = try #require(throws: FileError.self) { _ = try RecordedRun(folder.path.appending(name)) }
            #expect(error.description.contains(name))
        }
    }
}
