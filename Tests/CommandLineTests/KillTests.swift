import Foundation
import Testing

/// `kill -9` at random moments, then the same command: what comes out is what an undisturbed run makes.
///
/// `FAST_ELECTRA_KILL_ROUNDS` says how many rounds (`make kill-test ROUNDS=50`), `FAST_ELECTRA_KILL_SEED` repeats one.
@Suite("Killed at random moments", .serialized)
struct KillTests {
    private static let rounds = environment("FAST_ELECTRA_KILL_ROUNDS") ?? 3
    private static let seed = environment("FAST_ELECTRA_KILL_SEED") ?? Int.random(in: 0..<1_000_000)

    private static func environment(_ name: String) -> Int? {
        ProcessInfo.processInfo.environment[name].flatMap(Int.init)
    }

    @Test func generateMakesTheSameDataSet() throws {
        try withWorkshop { workshop in
            try check(workshop, { workshop.generate(into: $0, passes: 24) }, sameFiles: { _ in true })
        }
    }

    @Test func trainMakesTheSameWeights() throws {
        try withWorkshop { workshop in
            try workshop.run(workshop.generate(into: "shards", passes: 1))
            // The state and the log say how fast the run was as well.
            let weights = ["model.safetensors", "optimizer.safetensors", "config.json", "vocab.txt"]
            try check(workshop, { workshop.train(into: $0, steps: 300) }, sameFiles: weights.contains)
        }
    }

    /// - Parameter sameFiles: names, without folders, of files whose bytes must agree.
    private func check(
        _ workshop: Workshop, _ command: (_ folder: String) -> [String], sameFiles: (String) -> Bool
    ) throws {
        let start = Date()
        try workshop.run(command("undisturbed"))
        let seconds = Date().timeIntervalSince(start)
        let expected = try workshop.files(of: "undisturbed").filter { sameFiles($0.key.lastComponent) }
        #expect(!expected.isEmpty)
        var random = SplitMix(state: UInt64(Self.seed))
        var kills = 0
        for round in 1...Self.rounds {
            let folder = "round-\(round)"
            // Now and then more than one, so that what a continued run leaves is continued as well.
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let moment = Double.random(in: 0..<seconds, using: &random)
                if try workshop.run(command(folder), killedAfter: moment) { kills += 1 }
            }
            try workshop.run(command(folder))
            let files = try workshop.files(of: folder)
            #expect(
                files.filter { sameFiles($0.key.lastComponent) } == expected, "round \(round) of seed \(Self.seed)")
            #expect(!files.keys.contains { $0.hasSuffix(".partial") }, "nothing half is left: \(files.keys)")
            try workshop.remove(folder)
        }
        print(
            "\(command("FOLDER")[0]): \(kills) kills in \(Self.rounds) rounds of seed \(Self.seed), \(seconds) s undisturbed"
        )
    }
}

extension String {
    fileprivate var lastComponent: String { split(separator: "/").last.map(String.init) ?? self }
}

/// Random numbers that a seed repeats (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", OOPSLA 2014).
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
