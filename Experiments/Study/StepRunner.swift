import Dispatch
import Foundation
import Storage
import Synchronization
import SystemPackage

/// Runs the steps that have no result yet. Killed, it is run again: a command that was interrupted goes on where it stopped,
/// because every one of the program's does.
public struct StepRunner: Sendable {
    /// Where the programs are.
    public let programs: [Step.Program: String]
    public let folder: FilePath
    /// Steps that run at the same time, and threads that each of the program's commands may take.
    public let jobs: Int
    public let threads: Int

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
    public func run(
        _ plan: StudyPlan, into results: ResultsFile, report: @escaping @Sendable (String) -> Void
    ) throws -> ResultsFile {
        try Folder(folder).create()
        let waiting = plan.steps.filter { results.line(of: $0) == nil }
        let progress = Mutex(Progress(results: results, waiting: waiting))
        DispatchQueue.concurrentPerform(iterations: jobs) { _ in
            while !progress.withLock({ $0.isDone }) {
                guard let step = progress.withLock({ $0.take() }) else {
                    usleep(200_000)  // what is left waits for a step that runs
                    continue
                }
                report("\(step.name) (\(progress.withLock { $0.waiting.count }) steps after it)")
                let outcome = Result { try run(step) }
                progress.withLock { progress in
                    progress.running.remove(step.name)
                    do { try progress.results.append(outcome.get()) } catch {
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

    private func run(_ step: Step) throws -> ResultsFile.Line {
        guard let program = programs[step.program] else {
            throw Failure(description: "no program \(step.program.rawValue)")
        }
        let output = folder.appending("output-" + step.name.replacing("/", with: "-") + ".json")
        let start = ContinuousClock.now
        let child = try ChildProcess(
            program, step.arguments + (step.program == .fastElectra ? extra(step) : []),
            environment: ProcessInfo.processInfo.environment.merging(step.environment) { $1 }, in: folder,
            output: output)
        guard child.status == 0 else {
            throw Failure(
                description: "step \(step.name) failed: \(program) \(step.arguments.joined(separator: " "))")
        }
        let printed = try RandomAccessFile.contents(of: output)
        for path in [output.string, step.scratch.map { folder.appending($0).string }].compactMap(\.self)
        where FileManager.default.fileExists(atPath: path) {
            try FileManager.default.removeItem(atPath: path)
        }
        return ResultsFile.Line(
            step: step.name, arguments: step.arguments, processorSeconds: child.processorSeconds,
            seconds: (ContinuousClock.now - start) / .seconds(1), printed: printed)
    }

    private func extra(_ step: Step) -> [String] {
        (step.arguments[0] == "vocab" ? [] : ["--threads", "\(threads)"]) + ["--progress", "none"]
    }
}
