import Fixtures
import Foundation
import JSON
import Storage
import Study
import SystemPackage
import Testing

@Suite struct ResultsFileTests {
    private func line(_ name: String, _ arguments: [String] = ["x"]) -> ResultsFile.Line {
        ResultsFile.Line(
            step: name, arguments: arguments, processorSeconds: 1.25, seconds: 2,
            printed: Array(#"{"a":[1.5,2.5]}"#.utf8))
    }

    @Test func whatIsAppendedIsReadAgain() throws {
        let path = try temporaryFolder().appending("results.jsonl")
        var file = try ResultsFile(path)
        try file.append(line("one"))
        try file.append(line("two"))
        let again = try ResultsFile(path)
        #expect(again.lines.map(\.step) == ["one", "two"])
        #expect(again.number("one", "a.1") == 2.5)
        #expect(again.numbers("two", "a") == [1.5, 2.5])
        #expect(again.number("two", "a.7") == nil)
        #expect(again.number("three", "a.0") == nil)
        #expect(again["one"]?.processorSeconds == 1.25)
    }

    /// A merge leaves such lines. If they were dropped, the next result would remove them from the file.
    @Test func aLineThatCannotBeReadIsRefused() throws {
        let path = try temporaryFolder().appending("results.jsonl")
        let text = line("one").text + "\n\n" + line("two").text.dropLast(7)
        try DurableFile.write(Array(text.utf8), to: path)
        let error = #expect(throws: ResultsFile.UnreadableLine.self) { try ResultsFile(path) }
        #expect(error?.description == "\(path), line 3: this is not a result. Correct the line or remove it")
    }

    @Test func otherArgumentsAreAnotherStep() throws {
        var file = try ResultsFile(try temporaryFolder().appending("results.jsonl"))
        try file.append(line("one", ["--steps", "5"]))
        func step(_ arguments: [String]) -> Step { Step(name: "one", program: .study, arguments: arguments) }
        #expect(file.line(of: step(["--steps", "5"])) != nil)
        #expect(file.line(of: step(["--steps", "6"])) == nil)
    }

    /// A line that an older plan left behind is not in the tables of the present one.
    @Test func restrictedToAPlan() throws {
        let plan = StudyPlan(.quick)
        var file = try ResultsFile(try temporaryFolder().appending("results.jsonl"))
        let steps = plan.steps.filter { ["a/1", "a/1/trec"].contains($0.name) }
        for step in steps { try file.append(line(step.name, step.arguments)) }
        try file.append(line("a/1/trec", ["--epochs", "7"]))
        try file.append(line("a/9", steps[0].arguments))
        let restricted = file.restricted(to: plan)
        #expect(restricted.lines.map(\.step) == ["a/1", "a/1/trec"])
        #expect(restricted["a/1/trec"]?.arguments == steps[1].arguments)
    }

    /// Times of two machines get into one file, if a study is carried on.
    @Test func aLineNamesItsProcessor() throws {
        let text =
            "processor\t: 0\nvendor_id\t: A\ncpu family\t: 25\nmodel\t\t: 1\nmodel name\t: AMD EPYC\nmodel\t\t: 7\n"
        #expect(Processor.name(in: text) == "AMD EPYC, family 25, model 1")
        #expect(Processor.name(in: "model name : Neoverse\n") == "Neoverse")
        #expect(Processor.name(in: "model : 1\n") == nil && Processor.name(in: "") == nil)
        let recorded = try JSONValue(parsing: Array(line("one").text.utf8))["processor"]?.text
        let system = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
        #expect(recorded == system.flatMap { Processor.name(in: $0) })
    }
}
