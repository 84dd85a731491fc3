import Foundation
import Testing

/// `kill -9` at random moments, then the same command: what comes out is what an undisturbed run makes, byte for byte.
///
/// `FAST_ELECTRA_KILL_ROUNDS` says how many rounds (`make kill-test ROUNDS=50`), `FAST_ELECTRA_KILL_SEED` repeats one.
@Suite("Killed at random moments", .serialized)
struct KillTests {
    private static let rounds = environment("FAST_ELECTRA_KILL_ROUNDS") ?? 2
    private static let seed = environment("FAST_ELECTRA_KILL_SEED") ?? Int.random(in: 0..<1_000_000)

    private static func environment(_ name: String) -> Int? {
        ProcessInfo.processInfo.environment[name].flatMap(Int.init)
    }

    @Test func generateMakesTheSameDataSet() throws {
        try withWorkshop { workshop in
            // As many threads as it may be, another number after each kill.
            try check(workshop, sameFiles: { _ in true }) { workshop.generate(into: $0, passes: 4, threads: $1) }
        }
    }

    @Test func trainMakesTheSameWeights() throws {
        try withWorkshop { workshop in
            try workshop.run(workshop.generate(into: "shards", passes: 1))
            // Logs and states say how fast the run was as well; what it has become is in these.
            let isResult = { (name: String) in name.hasSuffix(".safetensors") || name == "config.json" }
            try check(workshop, sameFiles: isResult) { folder, _ in workshop.train(into: folder, steps: 1200) }
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
        var random = SplitMix(state: UInt64(Self.seed))
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
            // Now and then what a continued run leaves is continued as well.
            for _ in 0..<Int.random(in: 0...2, using: &random) { kills += try kill() ? 1 : 0 }
            try workshop.run(command(folder, 2))
            let files = try workshop.files(of: folder)
            #expect(
                files.filter { sameFiles($0.key.lastComponent) } == expected, "round \(round) of seed \(Self.seed)")
            #expect(!files.keys.contains { $0.hasSuffix(".partial") }, "nothing half is left: \(files.keys)")
            try workshop.remove(folder)
        }
        print(
            "\(command("", 1)[0]): \(kills) kills in \(Self.rounds) rounds of seed \(Self.seed), \(seconds) s undisturbed"
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
