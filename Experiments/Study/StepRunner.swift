import Foundation
import Storage
import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Runs the steps that have no result yet, one after another. Killed, it is run again: a command that was interrupted goes on
/// where it stopped, because every one of the program's does.
public struct StepRunner {
    /// Where the programs are.
    public let programs: [Step.Program: String]
    public let folder: FilePath
    /// Threads that the program's commands may take.
    public let threads: Int

    public init(programs: [Step.Program: String], folder: FilePath, threads: Int) {
        (self.programs, self.folder, self.threads) = (programs, folder, threads)
    }

    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    /// - Parameter report: a line about each step, before it runs.
    public func run(_ plan: StudyPlan, into results: inout ResultsFile, report: (String) -> Void) throws {
        try FileManager.default.createDirectory(atPath: folder.string, withIntermediateDirectories: true)
        for (index, step) in plan.steps.enumerated() where results.line(of: step) == nil {
            report("\(index + 1)/\(plan.steps.count) \(step.name)")
            let line = try run(step)
            try results.append(line)
            if let scratch = step.scratch { try Folder(folder.appending(scratch)).remove() }
        }
    }

    func run(_ step: Step) throws -> ResultsFile.Line {
        let process = Process()
        guard let program = programs[step.program] else { throw Failure(description: "no program \(step.program.rawValue)") }
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = step.arguments + (step.program == .fastElectra ? extra(step) : [])
        process.currentDirectoryURL = URL(fileURLWithPath: folder.string)
        process.environment = ProcessInfo.processInfo.environment.merging(step.environment) { $1 }
        let output = Pipe()
        process.standardOutput = output
        let start = (clock: ContinuousClock.now, processor: Self.childrenSeconds())
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(
                description: "step \(step.name) ended with status \(process.terminationStatus):"
                    + " \(program) \(step.arguments.joined(separator: " "))")
        }
        return ResultsFile.Line(
            step: step.name, arguments: step.arguments, processorSeconds: Self.childrenSeconds() - start.processor,
            seconds: (ContinuousClock.now - start.clock) / .seconds(1),
            result: (try? JSONSerialization.jsonObject(with: text)) ?? [String: Any]())
    }

    private func extra(_ step: Step) -> [String] {
        (step.arguments[0] == "vocab" ? [] : ["--threads", "\(threads)"]) + ["--progress", "none"]
    }

    /// Processor time of all children that have ended.
    private static func childrenSeconds() -> Double {
        var usage = rusage()
        getrusage(RUSAGE_CHILDREN, &usage)
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }
}
