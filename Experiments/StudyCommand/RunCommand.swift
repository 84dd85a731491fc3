import ArgumentParser
import Foundation
import Study
import SystemPackage

/// `study run`: runs the steps that have no result yet.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run the steps that have no result yet; killed, run it again.")

    @Option(help: "How large: quick, evening or full.")
    var size: StudySize

    @Option(
        parsing: .upToNextOption,
        help:
            "Of the size's arms, only these (their letters). The first arm of quick and full measures no pre-training, too."
    )
    var arms: [String] = []

    @Option(help: "Folder of the test sets; docs/study.md says where they come from.")
    var data: String

    @Option(help: "Folder to work in.")
    var work: String

    @Option(help: "JSON lines, one a finished step.")
    var results: String

    @Option(help: "The repository, for its scripts and its program.")
    var repository = "."

    @Option(help: "Steps that run at the same time; at most one for each processor.")
    var jobs = ProcessInfo.processInfo.activeProcessorCount

    @Option(help: "Threads of each of the program's commands.")
    var threads = 1

    func validate() throws {
        if let unknown = arms.first(where: { !size.arms.contains($0) }) {
            throw ValidationError(
                "The size \(size.name) has no arm \(unknown); it has \(size.arms.joined(separator: ", ")).")
        }
        for (name, value) in [("--jobs", jobs), ("--threads", threads)] where !(1...1024).contains(value) {
            throw ValidationError("'\(name)' takes 1 to 1,024, not \(value)")
        }
    }

    func run() throws {
        let root = URL(fileURLWithPath: repository).standardizedFileURL.path
        let own = URL(fileURLWithPath: CommandLine.arguments[0]).standardizedFileURL.path
        let runner = StepRunner(
            programs: [
                .fastElectra: root + "/.build/release/fast-electra", .study: own,
                .fetchCorpus: root + "/data/fetch-corpus",
                .prepareTasks: root + "/Experiments/prepare-tasks",
            ], folder: FilePath(URL(fileURLWithPath: work).standardizedFileURL.path), jobs: jobs, threads: threads)
        let folder = URL(fileURLWithPath: work)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let link = folder.appendingPathComponent("data")
        // Of an earlier run. A folder of that name is not the study's: it stays, and the next line says that it is there.
        unlink(link.path)
        try FileManager.default.createSymbolicLink(
            at: link, withDestinationURL: URL(fileURLWithPath: data).standardizedFileURL)
        let signals = terminating(runner)
        defer { for signal in signals { signal.cancel() } }
        _ = try runner.run(StudyPlan(size, arms: arms), into: ResultsFile(FilePath(results))) { line in
            FileHandle.standardError.write(Data("study: \(line)\n".utf8))
        }
    }

    /// Ctrl-C reaches the commands without the study, because they are in the terminal's process group; a signal to the study alone
    /// does not.
    private func terminating(_ runner: StepRunner) -> [any DispatchSourceSignal] {
        [SIGTERM, SIGHUP].compactMap { number in
            // A signal that was ignored from the start (nohup) stays so.
            let previous = signal(number, SIG_IGN)
            if unsafeBitCast(previous, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) { return nil }
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { runner.terminate() }
            source.activate()
            return source
        }
    }
}
