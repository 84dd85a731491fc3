import Dispatch
import Foundation
import Storage
import Synchronization
import SystemPackage

/// Runs the steps that have no result yet. Killed, it is run again: the program's commands continue. If outputs are lost, as with a
/// results file from another machine, it makes those again that other steps need. Their results stay, and an output with another
/// result stops the study.
public struct StepRunner: Sendable {
    /// Where the programs are.
    public let programs: [Step.Program: String]
    public let folder: FilePath
    /// Steps that run at the same time, and threads that each of the program's commands may take.
    public let jobs: Int
    public let threads: Int
    private let commands = ChildProcess.Running()

    public init(programs: [Step.Program: String], folder: FilePath, jobs: Int = 1, threads: Int) {
        (self.programs, self.folder, self.jobs, self.threads) = (programs, folder, jobs, threads)
    }

    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    private struct Progress: ~Copyable {
        var results: ResultsFile
        var waiting: [Step]
        var running: Set<String> = []
        var failure: (any Error)?

        /// The first step whose needs are met.
        mutating func take() -> Step? {
            let open = running.union(waiting.map(\.name))
            guard failure == nil, let index = waiting.firstIndex(where: { open.isDisjoint(with: $0.needs) }) else {
                return nil
            }
            let step = waiting.remove(at: index)
            running.insert(step.name)
            return step
        }

        var isDone: Bool { failure != nil || waiting.isEmpty }
    }

    /// - Parameter report: a line about each step, before it runs.
    /// - Returns: the results with those that are new, which are in the file too.
    /// - Throws: ``Failure``, `FolderInUse` if another study works in the folder, `FileError`.
    public func run(
        _ plan: StudyPlan, into results: ResultsFile, report: @escaping @Sendable (String) -> Void
    ) throws -> ResultsFile {
        try Folder(folder).create()
        let lock = try FolderLock(folder)
        defer { lock.release() }
        // Another study may have finished steps since.
        let results = try ResultsFile(results.path)
        let waiting = steps(of: plan, beside: results)
        let progress = Mutex(Progress(results: results, waiting: waiting))
        DispatchQueue.concurrentPerform(iterations: jobs) { _ in
            while !progress.withLock({ $0.isDone }) {
                guard let step = progress.withLock({ $0.take() }) else {
                    usleep(200_000)  // the steps that are left wait for one that runs
                    continue
                }
                report("\(step.name) (\(progress.withLock { $0.waiting.count }) steps after it)")
                let recorded = progress.withLock { $0.results.line(of: step) }
                let outcome = Result { try run(step, recorded: recorded) }
                progress.withLock { progress in
                    progress.running.remove(step.name)
                    do {
                        let line = try outcome.get()
                        if recorded == nil { try progress.results.append(line) }
                    } catch {
                        progress.failure = progress.failure ?? error
                    }
                }
            }
        }
        return try progress.withLock { progress in
            if let failure = progress.failure { throw failure }
            return progress.results
        }
    }

    /// Asks the commands that run now to save and end. Their steps count as failed, so the run ends, too. No other step begins.
    public func terminate() { commands.terminate() }

    /// Those without a result, and those that they need and whose output is not here.
    private func steps(of plan: StudyPlan, beside results: ResultsFile) -> [Step] {
        var needed: Set<String> = []
        let open = plan.steps.reversed().filter { step in
            guard results.line(of: step) == nil || needed.contains(step.name) && isLost(step) else { return false }
            needed.formUnion(step.needs)
            return true
        }
        return open.reversed()
    }

    /// Whether the output is missing or unfinished: the printed result is a file only while the step runs, or after a kill.
    private func isLost(_ step: Step) -> Bool {
        guard let output = step.output else { return false }
        let exists = { (path: FilePath) in FileManager.default.fileExists(atPath: path.string) }
        return !exists(folder.appending(output)) || exists(printed(by: step))
    }

    private func printed(by step: Step) -> FilePath {
        folder.appending("output-" + step.name.replacing("/", with: "-") + ".json")
    }

    private func run(_ step: Step, recorded: ResultsFile.Line?) throws -> ResultsFile.Line {
        guard let program = programs[step.program] else {
            throw Failure(description: "no program \(step.program.rawValue)")
        }
        let output = printed(by: step)
        let start = ContinuousClock.now
        let child = try ChildProcess(
            program, step.arguments + (step.program == .fastElectra ? extra(step) : []),
            environment: ProcessInfo.processInfo.environment.merging(step.environment) { $1 }, in: folder,
            output: output, among: commands)
        guard child.status == 0 else {
            throw Failure(
                description: "step \(step.name) failed: \(program) \(step.arguments.joined(separator: " "))")
        }
        let line = ResultsFile.Line(
            step: step.name, arguments: step.arguments, processorSeconds: child.processorSeconds,
            seconds: (ContinuousClock.now - start) / .seconds(1), printed: try RandomAccessFile.contents(of: output))
        if let recorded, let (path, own, other) = line.difference(from: recorded) {
            // The file of its output stays, so that this output counts as lost the next time, too.
            throw Failure(
                description: "step \(step.name) made another output than before: \(path) is \(own), and the results"
                    + " file has \(other). The text, the test sets or the program have changed since. Results of two of them do"
                    + " not belong in one table. Name another results file")
        }
        for path in [output.string, step.scratch.map { folder.appending($0).string }].compactMap(\.self)
        where FileManager.default.fileExists(atPath: path) {
            try FileManager.default.removeItem(atPath: path)
        }
        return line
    }

    private func extra(_ step: Step) -> [String] {
        (step.arguments[0] == "vocab" ? [] : ["--threads", "\(threads)"]) + ["--progress", "none"]
    }
}
