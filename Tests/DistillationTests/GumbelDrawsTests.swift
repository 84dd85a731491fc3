import CLibrary
import Distillation
import Random
import Testing

@Suite struct GumbelDrawsTests {
    private let stream = RandomStream(seed: 9, purpose: .race)

    /// The uniform numbers of draws `first` ..< `first` + 16: those of the first two words, then those of the last two.
    private func uniforms(first: UInt32) -> [Double] {
        let words = (first..<first + 16).map { stream.words(pass: 1, sequence: 1 << 33, position: 7, draw: $0) }
        return words.map { Double(unitInterval: UInt64($0.y) << 32 | UInt64($0.x)) }
            + words.map { Double(unitInterval: UInt64($0.w) << 32 | UInt64($0.z)) }
    }

    private func expectClose(_ found: Double, _ expected: Double) {
        #expect(abs(found - expected) <= 1e-13 * max(1, abs(expected)))
    }

    @Test func gumbelsAreThoseOfTheDraws() {
        var draws = stream.draws(pass: 1, sequence: 1 << 33, position: 7)
        var gumbels = [Double](repeating: 0, count: 32)
        for first in [UInt32(0), 16] {
            draws.nextGumbels(into: &gumbels)
            for (gumbel, uniform) in zip(gumbels, uniforms(first: first)) { expectClose(gumbel, -log(-log(uniform))) }
        }
    }

    @Test(arguments: [(0.02, 0.0198), (5, 0.99), (1e-7, 1e-7)]) func exceedancesAreThoseOfTheDraws(
        rate: Double, share: Double
    ) {
        var draws = stream.draws(pass: 1, sequence: 1 << 33, position: 7)
        var (gaps, gumbels) = ([Double](repeating: 0, count: 16), [Double](repeating: 0, count: 16))
        draws.nextExceedances(rate: rate, share: share, gaps: &gaps, gumbels: &gumbels)
        let uniforms = uniforms(first: 0)
        for index in 0..<16 {
            #expect(gaps[index] == (-log(uniforms[index]) / rate).rounded(.down))
            expectClose(gumbels[index], -log(-log1p(-uniforms[16 + index] * share)))
        }
    }
}
