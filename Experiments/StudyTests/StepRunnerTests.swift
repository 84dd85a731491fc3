import Fixtures
import Foundation
import Storage
import Study
import Synchronization
import SystemPackage
import Testing

/// The runner with a script for a program: it counts its calls, and fails where it is told to.
@Suite struct StepRunnerTests {
    private let folder: FilePath
    private let size = StudySize(
        name: "test", corpusBytes: 1, vocabularySize: 100, layerCount: 1, generatorLayerCount: 1,
        hiddenSize: 8, generatorSteps: 2, steps: 2,
        seeds: 2, arms: ["a", "f", "g16"], tasks: ["sst2"], classifiers: 1, classifierRates: ["1e-3"], pairs: 1)

    init() throws {
        folder = try temporaryFolder()
    }

    /// The program is a file of the repository: one that a test has just written can be busy when another test forks.
    private func runner(failingAt word: String = "", jobs: Int = 1) throws -> StepRunner {
        try DurableFile.write(Array(word.utf8), to: folder.appending("fail-at"))
        let program = FilePath(#filePath).removingLastComponent().appending("Programs/count-calls").string
        let programs = [Step.Program.fastElectra, .study, .fetchCorpus, .prepareTasks]
        return StepRunner(
            programs: Dictionary(uniqueKeysWithValues: programs.map { ($0, program) }), folder: folder, jobs: jobs,
            threads: 1)
    }

    private func calls() throws -> Int {
        try String(contentsOfFile: folder.appending("calls").string, encoding: .utf8).split(separator: "\n").count
    }

    @Test(arguments: [1, 3])
    func everyStepRunsOnceAndAFailedOneAgain(jobs: Int) throws {
        let plan = StudyPlan(size)
        let path = folder.appending("results.jsonl")
        #expect(throws: StepRunner.Failure.self) {
            _ = try runner(failingAt: "shards-top16", jobs: jobs).run(plan, into: ResultsFile(path)) { _ in }
        }
        let before = try calls()
        let done = try ResultsFile(path).lines.count
        #expect(done > 0 && done < plan.steps.count)
        let results = try runner(jobs: jobs).run(plan, into: ResultsFile(path)) { _ in }
        #expect(results.lines.map(\.step).sorted() == plan.steps.map(\.name).sorted())
        #expect(try calls() - before == plan.steps.count - done)
        #expect(results.number("a/1", "value") == 7.5)
        _ = try runner(jobs: jobs).run(plan, into: ResultsFile(path)) { Issue.record("all is done, but \($0)") }
    }

    @Test(arguments: [1, 3])
    func noStepRunsBeforeWhatItNeeds(jobs: Int) throws {
        let plan = StudyPlan(size)
        let results = try runner(jobs: jobs).run(plan, into: ResultsFile(folder.appending("results.jsonl"))) { _ in }
        let order = Dictionary(uniqueKeysWithValues: results.lines.enumerated().map { ($1.step, $0) })
        for step in plan.steps {
            for need in step.needs { #expect(order[need, default: .max] < order[step.name, default: -1]) }
        }
    }

    /// Two studies would run each step twice, and both would write its result.
    @Test func aSecondStudyInTheFolderIsRefused() throws {
        let lock = try FolderLock(folder)
        defer { lock.release() }
        let results = folder.appending("results.jsonl")
        #expect(throws: FolderInUse.self) {
            _ = try runner().run(StudyPlan(size), into: ResultsFile(results)) { Issue.record("\($0) was begun") }
        }
        #expect(!FileManager.default.fileExists(atPath: results.string))
    }

    /// A results file on another machine: outputs that steps without a result need are made again, and nothing else.
    @Test func lostOutputsAreMadeAgainForStepsWithoutAResult() throws {
        let path = folder.appending("results.jsonl")
        let results = try runner().run(StudyPlan(size), into: ResultsFile(path)) { _ in }
        for name in ["vocabulary", "generator", "shards-top16"] {
            try FileManager.default.removeItem(atPath: folder.appending(name).string)
        }
        // A kill stopped the one that made them again.
        try DurableFile.write("", to: folder.appending("output-shards.json"))
        let kept = results.lines.filter { $0.step != "a/1" }
        try DurableFile.write(kept.map { $0.text + "\n" }.joined(), to: path)
        let ran = Mutex<[String]>([])
        let again = try runner().run(StudyPlan(size), into: ResultsFile(path)) { line in
            ran.withLock { $0.append(String(line.prefix { $0 != " " })) }
        }
        #expect(ran.withLock { $0 } == ["vocabulary", "generator", "shards", "a/1"])
        #expect(again.lines.map(\.text) == kept.map(\.text) + [try #require(again["a/1"]).text])
    }

    /// The text changed since, as Debian's does: the arms of one table would come from two generators.
    @Test func anOutputThatIsNotTheRecordedOneStopsTheStudy() throws {
        let path = folder.appending("results.jsonl")
        let results = try runner().run(StudyPlan(size), into: ResultsFile(path)) { _ in }
        let kept = results.lines.filter { $0.step != "a/1" }.map { line in
            line.step == "generator" ? line.text.replacing("7.5", with: "7.25") : line.text
        }
        let recorded = kept.map { $0 + "\n" }.joined()
        try DurableFile.write(recorded, to: path)
        try FileManager.default.removeItem(atPath: folder.appending("generator").string)
        // The second time, the output of the first is there.
        for _ in 0..<2 {
            let failure = #expect(throws: StepRunner.Failure.self) {
                _ = try runner().run(StudyPlan(size, arms: ["a"]), into: ResultsFile(path)) { _ in }
            }
            #expect(failure?.description.contains("generator made another output than before: value is 7.5") == true)
            #expect(failure?.description.contains("the results file has 7.25") == true)
            #expect(try String(contentsOfFile: path.string, encoding: .utf8) == recorded)
        }
    }

    /// A signal to the study alone: its commands would go on, and the next run would meet them in their folders.
    @Test func terminateStopsTheCommandsThatRun() async throws {
        let runner = try runner(failingAt: "sleep")
        let run = Task.detached { [folder, size] in
            try runner.run(StudyPlan(size), into: ResultsFile(folder.appending("results.jsonl"))) { _ in }
        }
        while (try? calls()) != 1 { try await Task.sleep(for: .milliseconds(20)) }
        runner.terminate()
        await #expect(throws: StepRunner.Failure.self) { _ = try await run.value }
        #expect(try calls() == 1)
    }

    /// The signal may come when no command runs.
    @Test func afterTerminateNoCommandBegins() throws {
        let runner = try runner()
        runner.terminate()
        #expect(throws: (any Error).self) {
            _ = try runner.run(StudyPlan(size), into: ResultsFile(folder.appending("results.jsonl"))) { _ in }
        }
        #expect((try? calls()) == nil)
    }

    /// Times differ from machine to machine, and whether a command had anything left to do.
    @Test func timesOfTwoRunsOfAStepMayDiffer() {
        func line(_ printed: String) -> ResultsFile.Line {
            ResultsFile.Line(step: "s", arguments: [], processorSeconds: 1, seconds: 1, printed: Array(printed.utf8))
        }
        let one = line(#"{"did_work":true,"seconds":2,"tokens_per_second":9.5,"loss":4.5,"output":"o","text":{}}"#)
        let other = line(#"{"did_work":false,"seconds":0,"tokens_per_second":0,"loss":4.5,"output":"o","more":3}"#)
        #expect(one.difference(from: other) == nil)
        #expect(one.difference(from: line(#"{"output":"p"}"#))?.path == "output")
        #expect(line("").difference(from: one) == nil)
    }

    /// The results that `train` prints are below `evaluations` and `last`, beside figures of the machine.
    @Test func resultsBelowTheTopAreCompared() throws {
        func line(auc: Double, seconds: Double) -> ResultsFile.Line {
            let printed = #"{"evaluations":[{"auc":0.5},{"auc":\#(auc)}],"last":{"loss":1,"seconds":\#(seconds)}}"#
            return ResultsFile.Line(
                step: "s", arguments: [], processorSeconds: 1, seconds: 1, printed: Array(printed.utf8))
        }
        let one = line(auc: 0.75, seconds: 1)
        #expect(one.difference(from: line(auc: 0.75, seconds: 2)) == nil)
        #expect(try #require(one.difference(from: line(auc: 0.8, seconds: 1))) == ("evaluations.1.auc", "0.75", "0.8"))
    }

    @Test func planNamesEveryStepOnceAndNeedsOnlyWhatComesBefore() {
        for size in StudySize.all {
            var seen: Set<String> = []
            for step in StudyPlan(size).steps {
                #expect(seen.isSuperset(of: step.needs), "\(size.name): \(step.name)")
                #expect(seen.insert(step.name).inserted, "\(size.name): \(step.name)")
            }
        }
    }

    /// A run continues the committed table.
    @Test(arguments: [(StudySize.evening, "evening", 100), (.full, "full", 50)])
    func committedResultsAreStepsOfThePlan(size: StudySize, name: String, count: Int) throws {
        let path = FilePath(#filePath).removingLastComponent().removingLastComponent()
            .appending("results/\(name).jsonl")
        // The arm (h) of the evening has its shards, and was not run.
        let lines = try ResultsFile(path).lines.filter { $0.step != "shards-unigram" }
        let steps = StudyPlan(size).steps
        #expect(lines.count > count)
        for line in lines {
            #expect(steps.contains { $0.name == line.step && $0.arguments == line.arguments }, "\(line.step)")
        }
    }

    @Test func planOfSomeArmsWithASmallerGenerator() {
        let steps = StudyPlan(.full, arms: ["o-a0.25", "f"]).steps
        func arguments(_ name: String) -> [String] { steps.first { $0.name == name }?.arguments ?? [] }
        #expect(arguments("generator").contains("generator-shape.json"))
        #expect(arguments("f/1").suffix(2) == ["--preset", "shape.json"])
        #expect(arguments("o-a0.25/1").contains("2500"))
        #expect(arguments("o-a0.25/1/trec").last == "--baseline")
        let whole = arguments("o-a0.25/1/trec-all")
        #expect(whole.contains("tasks/trec/full.tsv") && whole.contains("tasks/trec/test.tsv"))
        #expect(!arguments("o-a0.25/1/trec").contains("tasks/trec/full.tsv"))
        #expect(!arguments("generator/1/trec").contains("--baseline") && arguments("a/1").isEmpty)
    }

    @Test func armsOfEverySizeExist() {
        for size in StudySize.all { #expect(size.arms.allSatisfy { Arm.named($0) != nil }) }
        #expect(Set(Arm.all.map(\.letter)).count == Arm.all.count)
    }
}
