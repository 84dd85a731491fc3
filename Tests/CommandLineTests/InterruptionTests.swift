import Foundation
import Testing

/// Ctrl-C, SIGTERM and SIGHUP in mid-training, through the real binary.
@Suite("Interrupted training")
struct InterruptionTests {
    private func withTraining(_ body: (PipelineTests.Pipeline, _ arguments: [String]) throws -> Void) throws {
        try PipelineTests.withPipeline { pipeline in
            for stage in [pipeline.vocab, pipeline.mlm, pipeline.generate] { _ = try pipeline.json(stage) }
            var train = pipeline.train
            train[try #require(train.firstIndex(of: "30"))] = "100000"
            try body(pipeline, train + ["--checkpoint-interval", "100000"])
        }
    }

    private func start(_ arguments: [String]) throws -> Process {
        // The program leaves signals ignored that it finds so, and tests may run in the background of a shell or under nohup.
        for stop in [SIGINT, SIGTERM, SIGHUP] { signal(stop, SIG_DFL) }
        let process = Process()
        process.executableURL = Bundle.main.bundleURL.appendingPathComponent("fast-electra")
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    private func lines(_ log: String) throws -> [Substring] {
        try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n")
    }

    /// Waits until the log shows that steps are being made.
    private func wait(for process: Process, toLog count: Int, in log: String) {
        while process.isRunning, (try? lines(log).count) ?? 0 < count { usleep(10_000) }
    }

    private func checkpoints(_ pipeline: PipelineTests.Pipeline) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: pipeline.path("run"))
            .filter { $0.hasPrefix("checkpoint-") }.sorted()
    }

    /// Exit code 130 and a checkpoint; the same command goes on where it stopped.
    @Test func savesAndContinues() throws {
        try withTraining { pipeline, train in
            let log = pipeline.path("run/metrics.jsonl")
            var saved = 0
            for stop in [SIGINT, SIGTERM, SIGHUP] {
                let process = try start(train)
                wait(for: process, toLog: saved + 10, in: log)
                kill(process.processIdentifier, stop)
                process.waitUntilExit()
                #expect(process.terminationReason == .exit && process.terminationStatus == 130)
                #expect(!(try checkpoints(pipeline)).contains { $0.hasSuffix(".partial") })
                let newest = try #require(try checkpoints(pipeline).last)
                let step = try #require(Int(newest.dropFirst("checkpoint-".count)))
                #expect(step > saved)
                saved = step
                let records = try lines(log).map { line in
                    try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
                }
                let steps = records.filter { $0["health"] == nil }.map { $0["step"] as? Int }
                #expect(steps == Array(1...saved), "one line a step, none twice")
            }
        }
    }

    /// The shards that are there are those of a complete data set with fewer passes.
    @Test func aDataSetIsUnfinishedBetweenTwoPasses() throws {
        try PipelineTests.withPipeline { pipeline in
            for stage in [pipeline.vocab, pipeline.mlm] { _ = try pipeline.json(stage) }
            let process = try start(pipeline.generate + ["--passes", "60000"])
            func hasShard() -> Bool {
                let names = try? FileManager.default.contentsOfDirectory(atPath: pipeline.path("shards"))
                return names?.contains { $0.hasSuffix(".shard") } == true
            }
            while process.isRunning, !hasShard() { usleep(10_000) }
            kill(process.processIdentifier, SIGINT)
            process.waitUntilExit()
            #expect(process.terminationStatus == 130)
            let refused = try fastElectra(pipeline.train)
            #expect(refused.status == 65 && refused.errors.contains("the data set is not complete"), "\(refused)")
            let faults = try fastElectra(pipeline.verify)
            #expect(faults.status == 65 && faults.output.contains("the data set lacks "), "\(faults)")
            #expect(faults.output.contains("Run the `generate` command that began it again"), "\(faults)")
            let report = try fastElectra(["inspect", pipeline.path("shards"), "--json"])
            #expect(report.output.replacing(" ", with: "").contains("\"is_complete\":false"), "\(report.output)")
        }
    }

    /// When a terminal goes away, its processes may be told twice. That does not ask them to leave at once.
    @Test func aSecondHangupChangesNothing() throws {
        try withTraining { pipeline, train in
            let process = try start(train)
            wait(for: process, toLog: 5, in: pipeline.path("run/metrics.jsonl"))
            for signal in [SIGSTOP, SIGTERM, SIGCONT, SIGSTOP, SIGHUP, SIGCONT, SIGSTOP, SIGHUP, SIGCONT] {
                kill(process.processIdentifier, signal)
                usleep(500)
            }
            process.waitUntilExit()
            #expect(process.terminationReason == .exit && process.terminationStatus == 130)
            #expect(try checkpoints(pipeline).count == 1)
        }
    }

    /// Both signals are waiting when the process goes on, and the hangup is delivered first. The other signal does not count as a second wish.
    @Test func aHangupIsNoFirstTime() throws {
        try withTraining { pipeline, train in
            let process = try start(train)
            wait(for: process, toLog: 5, in: pipeline.path("run/metrics.jsonl"))
            for signal in [SIGSTOP, SIGTERM, SIGHUP, SIGCONT] { kill(process.processIdentifier, signal) }
            process.waitUntilExit()
            #expect(process.terminationReason == .exit && process.terminationStatus == 130)
            #expect(try checkpoints(pipeline).count == 1)
        }
    }

    /// Both signals are waiting when the process goes on: the second one leaves at once, without a checkpoint.
    @Test func leavesAtOnceTheSecondTime() throws {
        try withTraining { pipeline, train in
            let log = pipeline.path("run/metrics.jsonl")
            let process = try start(train)
            wait(for: process, toLog: 5, in: log)
            for signal in [SIGSTOP, SIGINT, SIGTERM, SIGCONT] { kill(process.processIdentifier, signal) }
            process.waitUntilExit()
            #expect(process.terminationReason == .exit && process.terminationStatus == 130)
            #expect(try checkpoints(pipeline) == [])
        }
    }
}
