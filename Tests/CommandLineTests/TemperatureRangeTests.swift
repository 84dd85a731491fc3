import Foundation
import Testing

/// Ranges of temperatures that `generate` accepts, and its messages about them.
@Suite("The range of temperatures")
struct TemperatureRangeTests {
    @Test func isRefusedBeforeAnyWorkWhereItCannotBeKept() throws {
        try withWorkshop { workshop in
            for range in ["0.015625:64", "0.1:60"] {
                let refusal = try fastElectra(
                    workshop.generate(into: "shards", passes: 1) + ["--temperature-range", range])
                #expect(refusal.status == 64 && refusal.output.isEmpty, "\(range)")
                #expect(refusal.errors.contains("total variation of 1.0"), "\(refusal.errors)")
                #expect(!FileManager.default.fileExists(atPath: workshop.path("shards")))
            }
        }
    }

    @Test func comesWithItsDeviation() throws {
        try withWorkshop { workshop in
            let made = try fastElectra(workshop.generate(into: "shards", passes: 1) + ["--json"])
            let result = try #require(try JSONSerialization.jsonObject(with: Data(made.output.utf8)) as? [String: Any])
            let deviation = try #require(result["deviation"] as? Double)
            #expect(deviation > 0.0005 && deviation <= 0.002)
            let again = try fastElectra(workshop.generate(into: "shards", passes: 1))
            #expect(again.output.contains("deviation ") && again.output.contains("within a total variation of 0.00"))
            let shown = try fastElectra(["inspect", workshop.path("shards"), "--json"])
            let report = try #require(try JSONSerialization.jsonObject(with: Data(shown.output.utf8)) as? [String: Any])
            #expect((report["header"] as? [String: Any])?["deviation"] as? Double == deviation)
        }
    }
}
