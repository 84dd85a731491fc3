import Foundation
import Seeds
import Testing

/// `generate --part`: the real program, several at a time in one folder, some killed and run again.
@Suite("Parts of a data set", .serialized)
struct PartTests {
    private static let parts = 7

    private func part(_ index: Int, of workshop: Workshop, into folder: String) -> [String] {
        workshop.generate(into: folder, passes: Self.parts, threads: 1) + ["--part", "\(index)/\(Self.parts)"]
    }

    @Test func killedAndSideBySideTheyMakeTheSameDataSet() throws {
        try withWorkshop { workshop in
            let start = Date()
            try workshop.run(workshop.generate(into: "whole", passes: Self.parts))
            let seconds = Date().timeIntervalSince(start)
            let expected = try workshop.files(of: "whole")
            var random = SeededGenerator(seed: drawnSeed())
            var kills = 0
            let order = (0..<Self.parts).shuffled(using: &random)
            // Three at a time; each is killed at a random moment and begun again, until it comes to its end.
            for group in stride(from: 0, to: order.count, by: 3).map({ order[$0..<min($0 + 3, order.count)] }) {
                let running = try group.map { try workshop.start(part($0, of: workshop, into: "parts")) }
                Thread.sleep(forTimeInterval: Double.random(in: 0..<seconds / 2, using: &random))
                if let victim = running.first, victim.isRunning {
                    kill(victim.processIdentifier, SIGKILL)
                    kills += 1
                }
                for process in running { process.waitUntilExit() }
                for process in running.dropFirst() { #expect(process.terminationStatus == 0) }
                try workshop.run(part(try #require(group.first), of: workshop, into: "parts"))
            }
            print("\(kills) parts killed")
            let unfinished = try fastElectra("verify", workshop.path("parts"))
            #expect(unfinished.status == 65 && unfinished.output.contains("the manifest is missing"))
            try workshop.run(workshop.generate(into: "parts", passes: Self.parts))
            let files = try workshop.files(of: "parts")
            #expect(files.keys.sorted() == expected.keys.sorted())
            #expect(files == expected)
            try workshop.run(["verify", workshop.path("parts")])
        }
    }

    @Test func whatIsMissingIsTold() throws {
        try withWorkshop { workshop in
            for index in [0, 1, 3, 4, 6] { try workshop.run(part(index, of: workshop, into: "parts")) }
            let words = "part 2/7 lacks 1 shard, part 5/7 lacks 1 shard"
            for command in ["verify", "inspect"] {
                let finished = try fastElectra(command, workshop.path("parts"))
                #expect(finished.status == 65)
                #expect((finished.output + finished.errors).contains(words), "\(finished)")
            }
            // The last passes alone are missing: the shards that are there can be looked at.
            try workshop.run(part(2, of: workshop, into: "parts"))
            try workshop.run(part(5, of: workshop, into: "parts"))
            // Nobody trains on a part of a data set without knowing it.
            try workshop.run(workshop.generate(into: "shards", passes: 2) + ["--part", "0/2"])
            let inspected = try fastElectra("inspect", workshop.path("shards"), "--json")
            let report = try JSONSerialization.jsonObject(with: Data(inspected.output.utf8)) as? [String: Any]
            #expect(report?["is_complete"] as? Bool == false && report?["missing_parts"] != nil, "\(inspected)")
            let train = try fastElectra(workshop.train(into: "run", steps: 2))
            #expect(train.status == 65 && train.errors.contains("the data set is not complete"), "\(train.errors)")
            let said = try fastElectra(part(5, of: workshop, into: "parts"))
            #expect(said.output.contains("the same command without --part"))
        }
    }

    @Test(arguments: ["7/7", "-1/7", "0/0", "1", "1/", "a/b", "0/1/2"]) func othersAreRefused(part: String) throws {
        let refused = try fastElectra(
            "generate", "--generator", "g", "--text", "t", "--out", "o", "--part=\(part)")
        #expect(refused.status == 64 && refused.errors.contains("--part"), "\(refused.errors)")
    }
}
