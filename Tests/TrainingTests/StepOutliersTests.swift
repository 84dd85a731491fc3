import FoundationEssentials
import Random
import Seeds
import Testing
import Training

@Suite struct StepOutliersTests {
    private func noise(_ seed: UInt64, _ count: Int) -> [Double] {
        var draws = RandomStream(seed: seed, purpose: .initialization).draws(pass: 0, sequence: 0, position: 0)
        // The sum of twelve is close to normal, of deviation 1.
        return (0..<count).map { _ in (0..<12).reduce(-6) { sum, _ in sum + Double.random(in: 0..<1, using: &draws) } }
    }

    @Test func scoresAreThoseOfTheDefinition() throws {
        let values = noise(drawnSeed(), 300)
        var outliers = StepOutliers()
        for (step, value) in values.enumerated() {
            let scores = outliers.scores(loss: value, gradientNorm: 3 - 2 * value)
            guard step >= StepOutliers.window else {
                #expect(scores == nil)
                continue
            }
            let before = values[step - StepOutliers.window..<step]
            let mean = before.reduce(0, +) / 128
            let deviation = (before.reduce(0) { $0 + $1 * $1 } / 128 - mean * mean).squareRoot()
            let loss = try #require(scores).loss
            #expect(abs(loss - (value - mean) / deviation) < 1e-6)
            #expect(abs(loss + (try #require(scores).gradientNorm)) < 1e-6)
        }
    }

    @Test func nothingIsFoundInNoiseNorInOneOddBatch() {
        var outliers = StepOutliers()
        for (step, value) in noise(drawnSeed(), 5000).enumerated() {
            _ = outliers.scores(loss: step % 500 == 400 ? 50 : value, gradientNorm: step % 500 == 300 ? 50 : value)
            #expect(outliers.findings.isEmpty, "step \(step)")
        }
    }

    @Test func aSpikeIsFoundAfterThreeUpdatesAndEnds() throws {
        var outliers = StepOutliers()
        var found: [Int: Set<HealthCause>] = [:]
        // So high that noise does not matter: the first two updates of a jump of j deviations make the third one's score about
        // j / sqrt(1 + j² / 64), which is 7.8 here and would be 6 for a jump of 9, less than 5 with one seed in seven.
        for (step, value) in noise(drawnSeed(), 400).enumerated() {
            _ = outliers.scores(loss: value + (step >= 200 ? 40 : 0), gradientNorm: value + (step >= 300 ? 40 : 0))
            // As a run that is interrupted here has it again.
            outliers = try JSONDecoder().decode(StepOutliers.self, from: JSONEncoder().encode(outliers))
            if !outliers.findings.isEmpty { found[step] = Set(outliers.findings.keys) }
            for message in outliers.findings.values { #expect(message.contains("more than 5 standard deviations")) }
        }
        #expect(found.keys.min() == 202)
        #expect(found[202] == [.lossSpike])
        #expect(found[302]?.contains(.gradientSpike) == true)
        #expect(found[399] == nil, "what lasts is no spike any more")
    }

    /// Where nothing varies there is no deviation to measure with.
    @Test func constantsHaveNoScore() {
        var outliers = StepOutliers()
        for _ in 0..<200 { _ = outliers.scores(loss: 1, gradientNorm: 0) }
        #expect(outliers.scores(loss: 2, gradientNorm: 0) == StepOutliers.Scores(loss: 0, gradientNorm: 0))
    }
}
