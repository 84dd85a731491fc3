import Foundation
import Testing

/// Ranges of temperatures that `generate` accepts, and what it says of them.
@Suite("The range of temperatures")
struct TemperatureRangeTests {
    @Test func isRefusedBeforeAnyWorkWhereItCannotBeKept() throws {
        try withWorkshop { workshop in
            for (range, figure) in [("0.015625:64", "0."), ("0.25:4", "0.0"), ("0.5:4", "0.00")] {
                let refusal = try fastElectra(
                    workshop.generate(into: "shards", passes: 1) + ["--temperature-range", range])
                #expect(refusal.status == 64 && refusal.output.isEmpty, "\(range)")
                #expect(refusal.errors.contains("total variation of \(figure)"), "\(refusal.errors)")
                #expect(!FileManager.default.fileExists(atPath: workshop.path("shards")))
            }
        }
    }

    @Test func comesWithItsDeviation() throws {
        try withWorkshop { workshop in
            let made = try fastElectra(workshop.generate(into: "shards", passes: 1) + ["--json"])
            let result = try #require(try JSONSerialization.jsonObject(with: Data(made.output.utf8)) as? [String: Any])
            let typical = try #require(result["typical_deviation"] as? Double)
            let worst = try #require(result["worst_deviation"] as? Double)
            #expect(typical > 0 && typical <= 0.002 && worst >= typical && worst < 0.02)
            let again = try fastElectra(workshop.generate(into: "shards", passes: 1))
            #expect(again.output.contains("deviation ") && again.output.contains("on usual rows"))
        }
    }
}
