import Foundation
import Seeds
import Testing

/// `kill -9` at random moments, then the same command: the output is that of an undisturbed run, byte for byte.
///
/// `FAST_ELECTRA_KILL_ROUNDS` says how many rounds (`make kill-test ROUNDS=50`).
@Suite("Killed at random moments", .serialized)
struct KillTests {
    private static let rounds = ProcessInfo.processInfo.environment["FAST_ELECTRA_KILL_ROUNDS"].flatMap(Int.init) ?? 2

    @Test func generateMakesTheSameDataSet() throws {
        try withWorkshop { workshop in
            // As many threads as it may be, another number after each kill.
            try check(workshop, sameFiles: { _ in true }) { workshop.generate(into: $0, passes: 4, threads: $1) }
        }
    }

    @Test func trainMakesTheSameWeights() throws {
        try withWorkshop { workshop in
            try workshop.run(workshop.generate(into: "shards", passes: 1))
            // Logs and states have the speed of the run as well; its result is in these files.
            let isResult = { (name: String) in name.hasSuffix(".safetensors") || name == "config.json" }
            // With another number of threads after each kill.
            try check(workshop, sameFiles: isResult) { workshop.train(into: $0, steps: 1200, threads: $1) }
        }
    }

    /// One checkpoint is kept, and each step writes one: there is always one to take the place of another, and never a second
    /// one to fall back on. Every other kill comes when the last checkpoint has its name.
    @Test func trainLosesOneIntervalAtMost() throws {
        try withWorkshop { workshop in
            try workshop.run(workshop.generate(into: "shards", passes: 1))
            let steps = 20
            func train(into folder: String) -> [String] {
                workshop.train(into: folder, steps: steps, checkpointInterval: 1, logInterval: 1)
                    + ["--keep-checkpoints", "1"]
            }
            let start = Date()
            try workshop.run(train(into: "undisturbed"))
            let seconds = Date().timeIntervalSince(start)
            let expected = try workshop.files(of: "undisturbed")["model.safetensors"]
            var random = SeededGenerator(seed: drawnSeed())
            var kills = 0
            for round in 1...Self.rounds {
                let folder = "round-\(round)"
                for _ in 0..<Int.random(in: 1...3, using: &random) {
                    let isLate = round.isMultiple(of: 2)
                    let last = isLate ? "\(folder)/\(RunState.checkpoint(steps))" : nil
                    let moment = Double.random(in: 0..<(isLate ? 0.01 : seconds), using: &random)
                    guard try workshop.run(train(into: folder), killedAfter: moment, seeing: last) else { break }
                    kills += 1
                    let state = try RunState(workshop.path(folder))
                    // The checkpoint of the step before may be half written, and a step follows it meanwhile.
                    #expect(state.newestCheckpoint >= state.loggedSteps - 2, "round \(round)")
                    if isLate {
                        #expect(state.newestCheckpoint == steps, "round \(round): a finished run stays finished")
                    }
                }
                try workshop.run(train(into: folder))
                let files = try workshop.files(of: folder)
                #expect(files["model.safetensors"] == expected, "round \(round)")
                #expect(!files.keys.contains { $0.contains(".partial") || $0.contains(".successor") })
                try workshop.remove(folder)
            }
            print("train, one checkpoint: \(kills) kills in \(Self.rounds) rounds, \(seconds) s undisturbed")
        }
    }

    /// - Parameter sameFiles: names, without folders, of files whose bytes must agree.
    private func check(
        _ workshop: Workshop, sameFiles: (String) -> Bool, command: (_ folder: String, _ threads: Int) -> [String]
    ) throws {
        let start = Date()
        try workshop.run(command("undisturbed", 2))
        let seconds = Date().timeIntervalSince(start)
        let expected = try workshop.files(of: "undisturbed").filter { sameFiles($0.key.lastComponent) }
        #expect(!expected.isEmpty)
        var random = SeededGenerator(seed: drawnSeed())
        var kills = 0
        for round in 1...Self.rounds {
            let folder = "round-\(round)"
            func kill() throws -> Bool {
                let moment = Double.random(in: 0..<seconds, using: &random)
                return try workshop.run(
                    command(folder, Int.random(in: 1...4, using: &random)), killedAfter: moment)
            }
            // A run that was quicker than the first one had come to its end: once more.
            while try !kill() { try workshop.remove(folder) }
            kills += 1
            // Now and then a continued run is killed and continued as well.
            for _ in 0..<Int.random(in: 0...2, using: &random) { kills += try kill() ? 1 : 0 }
            try workshop.run(command(folder, 2))
            let files = try workshop.files(of: folder)
            #expect(
                files.filter { sameFiles($0.key.lastComponent) } == expected, "round \(round)")
            #expect(!files.keys.contains { $0.hasSuffix(".partial") }, "nothing half is left: \(files.keys)")
            try workshop.remove(folder)
        }
        print(
            "\(command("", 1)[0]): \(kills) kills in \(Self.rounds) rounds, \(seconds) s undisturbed"
        )
    }
}

extension String {
    fileprivate var lastComponent: String { split(separator: "/").last.map(String.init) ?? self }
}

/// The state that a killed training has left in its folder.
private struct RunState {
    /// The step of the newest checkpoint that is complete; 0 where there is none.
    let newestCheckpoint: Int
    /// Steps of whole lines in the log.
    let loggedSteps: Int

    init(_ folder: String) throws {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        newestCheckpoint =
            names.compactMap { name in
                let step = name.replacingOccurrences(of: ".successor", with: "").dropFirst("checkpoint-".count)
                return name.hasPrefix("checkpoint-") ? Int(step) : nil
            }.max() ?? 0
        let log = (try? String(contentsOfFile: folder + "/metrics.jsonl", encoding: .utf8)) ?? ""
        loggedSteps = log.split(separator: "\n").filter { $0.hasSuffix("}") && !$0.contains("\"health\"") }.count
    }

    static func checkpoint(_ step: Int) -> String { "checkpoint-" + String(format: "%08d", step) }
}
