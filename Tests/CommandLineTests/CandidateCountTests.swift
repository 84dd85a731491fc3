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

    @Test(arguments: ["0", "5", "-1"]) func isRefusedOutsideOfThem(_ least: String) throws {
        try withWorkshop { workshop in
            let refusal = try fastElectra(
                workshop.generate(into: "shards", passes: 1) + ["--least-candidates=\(least)"])
            #expect(refusal.status == 64 && refusal.errors.contains("'--least-candidates' takes 1 to '--top-k' (4)"))
        }
    }
}
