import Foundation
import Testing

/// How many candidates a position has, as `generate` is told.
@Suite("The number of candidates")
struct CandidateCountTests {
    @Test func isBetweenTheLeastAndTheMost() throws {
        try withWorkshop { workshop in
            let made = try fastElectra(
                workshop.generate(into: "shards", passes: 1) + ["--least-candidates", "3", "--json"])
            #expect(made.status == 0, "\(made.errors)")
            let shown = try fastElectra(["inspect", workshop.path("shards"), "--sequence", "0", "--json"])
            let report = try #require(try JSONSerialization.jsonObject(with: Data(shown.output.utf8)) as? [String: Any])
            let positions = try #require(report["masked_positions"] as? [[String: Any]])
            #expect(!positions.isEmpty)
            for position in positions {
                #expect((3...4).contains((position["candidates"] as? [Any])?.count ?? 0))
            }
        }
    }

    /// With all logits every visit draws independently, and a run without --steps is as long as with the usual races.
    @Test func mayBeAllOfThem() throws {
        try withWorkshop { workshop in
            func steps(_ more: [String], _ run: String) throws -> Int? {
                let shards = workshop.path(run + "-shards")
                try workshop.run(
                    ["generate", "--generator", workshop.path("generator"), "--text", Workshop.text, "--out", shards]
                        + ["--max-length", "16", "--threads", "2"] + more)
                let made = try fastElectra(
                    ["train", "--shards", shards, "--preset", workshop.path("preset.json"), "--json", "--dry-run"]
                        + ["--batch-size", "4", "--threads", "2", "--out", workshop.path(run)])
                #expect(made.status == 0, "\(made.errors)")
                let forecast = try JSONSerialization.jsonObject(with: Data(made.output.utf8)) as? [String: Any]
                return forecast?["steps"] as? Int
            }
            let usual = try steps([], "usual")
            #expect(try usual != nil && steps(["--top-k", "5000"], "all") == usual)
            let shown = try fastElectra("inspect", workshop.path("all-shards")).output
            #expect(shown.contains("all visits independent"), "\(shown)")
        }
    }

    @Test(arguments: ["0", "5", "-1"]) func isRefusedOutsideOfThem(_ least: String) throws {
        try withWorkshop { workshop in
            let refusal = try fastElectra(
                workshop.generate(into: "shards", passes: 1) + ["--least-candidates=\(least)"])
            #expect(refusal.status == 64 && refusal.errors.contains("'--least-candidates' takes 1 to '--top-k' (4)"))
        }
    }
}
