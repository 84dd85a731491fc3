import Seeds
import Testing
import Train

@Suite struct DetectionStatisticsTests {
    private func statistics(_ tokens: [(logit: Float, label: UInt8)]) -> DetectionStatistics {
        tokens.reduce(into: DetectionStatistics()) { $0.add(logit: $1.logit, label: $1.label) }
    }

    @Test func countsByHand() {
        let statistics = statistics([(2, 1), (-1, 1), (1, 0), (-2, 0), (-3, 0)])
        #expect(statistics.tokenCount == 5)
        #expect(statistics.accuracy == 0.6)
        #expect(statistics.precision == 0.5)
        #expect(statistics.recall == 0.5)
        #expect(statistics.replaceRate == 0.4)
        // Pairs (replaced, original) in order: 2 > all three, -1 > two of three.
        #expect(abs(statistics.areaUnderCurve - 5.0 / 6) < 1e-12)
    }

    @Test func chanceTiesAndNothing() {
        #expect(statistics([]).areaUnderCurve == 0.5)
        #expect(statistics([(1, 1), (1, 0)]).areaUnderCurve == 0.5)
        #expect(statistics([(-100, 1), (100, 0)]).areaUnderCurve == 0)
        #expect(statistics([(100, 1), (-100, 0)]).meanLoss < 1e-30)
        #expect(abs(statistics([(-1000, 1)]).meanLoss - 1000) < 1e-9)
    }

    @Test func mergesLikeOne() {
        var random = SeededGenerator(seed: drawnSeed())
        let tokens = (0..<1000).map { _ in
            (logit: Float.random(in: -3...3, using: &random), label: UInt8.random(in: 0...1, using: &random))
        }
        var merged = statistics(Array(tokens[..<300]))
        merged.add(statistics(Array(tokens[300...])))
        let whole = statistics(tokens)
        #expect(merged.areaUnderCurve == whole.areaUnderCurve)
        #expect(merged.recall == whole.recall)
        #expect(abs(merged.meanLoss - whole.meanLoss) < 1e-12)
    }
}
