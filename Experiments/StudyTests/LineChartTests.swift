import Foundation
import Study
import Testing

#if canImport(FoundationXML)
    import FoundationXML
#endif

@Suite struct LineChartTests {
    @Test(arguments: [
        ([0.0, 1.0], [0, 0.2, 0.4, 0.6, 0.8, 1]), ([3.0, 17.0], [0, 5, 10, 15, 20]),
        ([0.61, 0.68], [0.6, 0.62, 0.64, 0.66, 0.68]),
    ])
    func ticksAreRoundAndEncloseAllValues(values: [Double], expected: [Double]) {
        let ticks = LineChart.ticks(values)
        #expect(ticks.count == expected.count)
        for (tick, value) in zip(ticks, expected) { #expect(abs(tick - value) < 1e-9) }
    }

    @Test func equalValuesStillHaveAnAxis() {
        #expect(LineChart.ticks([5]).count >= 2)
        #expect(LineChart.ticks([0, 0]).count >= 2)
    }

    @Test func pictureIsWellFormedAndNamesItsCurves() throws {
        let chart = LineChart(
            "A & B", horizontal: "tokens", vertical: "accuracy",
            curves: [
                LineChart.Curve("a < b", [(0, 0.5), (2_000_000, 0.6)], halfWidths: [0.01, 0.02]),
                LineChart.Curve("c", [(0, 0.4), (2_000_000, 0.7)]),
            ])
        let document = try XMLDocument(xmlString: chart.svg)
        let root = try #require(document.rootElement())
        #expect(root.elements(forName: "circle").count == 4 + 2)
        #expect(chart.svg.contains("a &lt; b"))
        #expect(chart.svg.contains(">2 M<"))
    }
}
