import Random
import Seeds
import Testing
import Training

@Suite struct SentenceTargetsTests {
    /// Token t stands 2^t times in the text.
    private static let text: [ArraySlice<Int32>] = (0..<14).map { token in
        ArraySlice([Int32](repeating: Int32(token), count: 1 << token))
    }

    private func targets(_ count: Int, special: Set<Int32> = [], seed: UInt64 = 1) -> SentenceTargets {
        SentenceTargets(count, in: Self.text, vocabularySize: 20, special: special, seed: seed)
    }

    /// Shares are those of min(1, √(0.0003 / f)); the draws of plain shares would not pass.
    @Test func frequentTokensAreAskedForLessOften() {
        let total = Double((1 << 14) - 1)
        let tokens: [Int32] = [0, 3, 8, 13]
        let weights = tokens.map { min(1, (3e-4 * total / Double(1 << $0)).squareRoot()) }
        let expected = weights.map { $0 / weights.reduce(0, +) }
        let targets = targets(4, seed: drawnSeed())
        var counts = [Int32: Int]()
        let rounds = 20_000
        for visit in 0..<rounds {
            for token in targets.targets(among: tokens, pass: 0, sequence: UInt64(visit)) {
                counts[token, default: 0] += 1
            }
        }
        func chiSquare(_ shares: [Double]) -> Double {
            zip(tokens, shares).reduce(0) { sum, pair in
                let mean = pair.1 * Double(4 * rounds)
                return sum + (Double(counts[pair.0] ?? 0) - mean) * (Double(counts[pair.0] ?? 0) - mean) / mean
            }
        }
        // 3 degrees of freedom, probability 1e-6. The cut after 30 attempts moves shares by less than 1e-3.
        #expect(chiSquare(expected) < 31, "\(counts)")
        #expect(chiSquare([0.25, 0.25, 0.25, 0.25]) > 1000)
    }

    @Test func aFunctionOfSeedVisitAndSequence() {
        let tokens = (0..<14).map(Int32.init)
        let one = targets(6)
        #expect(
            one.targets(among: tokens, pass: 2, sequence: 9) == targets(6).targets(among: tokens, pass: 2, sequence: 9))
        let others = [
            one.targets(among: tokens, pass: 3, sequence: 9), one.targets(among: tokens, pass: 2, sequence: 8),
            targets(6, seed: 2).targets(among: tokens, pass: 2, sequence: 9),
        ]
        for other in others { #expect(other != one.targets(among: tokens, pass: 2, sequence: 9)) }
    }

    @Test func specialTokensAreNeverAskedFor() {
        let targets = targets(5, special: [0, 1, 19])
        for sequence in UInt64(0)..<200 {
            #expect(Set(targets.targets(among: [0, 1, 2, 13, 19], pass: 0, sequence: sequence)).isSubset(of: [2, 13]))
        }
        #expect(targets.targets(among: [0, 1, 19], pass: 0, sequence: 0) == [])
        #expect(targets.targets(among: [], pass: 0, sequence: 0) == [])
        // A token that the sampled text does not have.
        #expect(targets.targets(among: [17], pass: 0, sequence: 0) == [17, 17, 17, 17, 17])
        #expect(self.targets(0).targets(among: [5], pass: 0, sequence: 0) == [])
    }
}
