import Fixtures
import Foundation
import Storage
import Study
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

    @Test func planNamesEveryStepOnceAndNeedsOnlyWhatComesBefore() {
        for size in StudySize.all {
            var seen: Set<String> = []
            for step in StudyPlan(size).steps {
                #expect(seen.isSuperset(of: step.needs), "\(size.name): \(step.name)")
                #expect(seen.insert(step.name).inserted, "\(size.name): \(step.name)")
            }
        }
    }

    @Test func armsOfEverySizeExist() {
        for size in StudySize.all { #expect(size.arms.allSatisfy { Arm.named($0) != nil }) }
        #expect(Set(Arm.all.map(\.letter)).count == Arm.all.count)
    }
}
