import Format
import Foundation
import Replay
import Testing

/// Under the focal policy draws follow the law of the focal risk's minimizer, and the test would notice another.
@Suite struct FocalExactnessTests {
    /// φ(q): the derivative of the focal loss -(1 - q)^γ ln q, but for its sign.
    private func phi(_ q: Double, _ exponent: Double) -> Double {
        pow(1 - q, exponent) / q - exponent * pow(1 - q, exponent - 1) * log(q)
    }

    /// The q of ln φ(q) = value. ln φ falls.
    private func inverse(_ value: Double, _ exponent: Double) -> Double {
        var (low, high) = (-700.0, 36.0)
        for _ in 0..<200 {
            let middle = (low + high) / 2
            let q = 1 / (1 + exp(-middle))
            if log(phi(q, exponent)) > value { low = middle } else { high = middle }
        }
        return 1 / (1 + exp(-low))
    }

    /// The law by its definition: tokens of the head by the inverse of φ, those of the tail scaled by one factor, which is 1/φ(q) = q.
    private func law(_ plain: [Double], head: Set<Int>, exponent: Double) -> [Double] {
        let tail = plain.indices.reduce(0) { head.contains($1) ? $0 : $0 + plain[$1] }
        func probabilities(_ shift: Double) -> [Double] {
            plain.indices.map { id in
                head.contains(id) ? inverse(-log(plain[id]) - shift, exponent) : plain[id] * exp(shift)
            }
        }
        var (low, high) = (-30.0, 200.0)
        for _ in 0..<60 {
            let middle = (low + high) / 2
            let sum = head.reduce(tail * exp(middle)) {
                $0 + inverse(-log(plain[$1]) - middle, exponent)
            }
            if sum < 1 { low = middle } else { high = middle }
        }
        return probabilities(low)
    }

    /// Whether the G-statistic's mean under the other law lies far above all that it is under this one.
    private func canBeTold(_ other: [Double], from law: [Double], draws: Int) -> Bool {
        let divergence = zip(other, law).reduce(0) { $0 + ($1.0 > 0 ? $1.0 * log($1.0 / $1.1) : 0) }
        return 2 * Double(draws) * divergence > 60 + 8 * (2 * Double(law.count)).squareRoot()
    }

    @Test(arguments: [(LogitRow.sample(.zipf), 27), (.real(1), 600), (.sample(.peaked), 600)], [0.5, 2, 5])
    func drawsFollowTheFocalLaw(_ one: (logits: LogitRow, size: Int), exponent: Double) throws {
        let row = try one.logits.row(one.size)
        let samples = try Samples(row, candidates: 8...8, visits: 4, rows: 10_000)
        for temperature in [1, 1.6] {
            let plain = softmax(row, at: temperature)
            let head = Set(plain.indices.sorted { plain[$0] > plain[$1] }.prefix(8) + [Samples.original])
            let expected = law(plain, head: head, exponent: exponent)
            #expect(abs(expected.reduce(0, +) - 1) < 1e-9)
            let counts = try samples.counts(
                at: temperature, visits: 0..<4, policy: ReplayPolicy(focal: exponent))
            #expect(pValue(of: counts, following: expected) > 1e-6, "T = \(temperature)")
            // Another exponent is told apart, and no policy, wherever so many draws can tell: on a flat row the focal law is nearly the plain one.
            let wrongs = [
                (ReplayPolicy(focal: exponent * 1.5), law(plain, head: head, exponent: exponent * 1.5)),
                (ReplayPolicy(), plain),
            ]
            for (wrong, wrongLaw) in wrongs where canBeTold(wrongLaw, from: expected, draws: counts.reduce(0, +)) {
                let others = try samples.counts(at: temperature, visits: 0..<4, policy: wrong)
                #expect(pValue(of: others, following: expected) < 1e-6, "T = \(temperature), \(wrong)")
            }
            if one.size == 27, exponent > 1 {
                #expect(wrongs.contains { canBeTold($0.1, from: expected, draws: counts.reduce(0, +)) })
            }
            // The original is taken away after it.
            let without = try samples.counts(
                at: temperature, visits: 0..<4, policy: ReplayPolicy(disallowsCorrect: true, focal: exponent))
            let rest = expected.indices.map { $0 == Samples.original ? 0 : expected[$0] }
            let sum = rest.reduce(0, +)
            #expect(pValue(of: without, following: rest.map { $0 / sum }) > 1e-6, "T = \(temperature)")
        }
    }

    /// The minimizer itself: no other distribution near it has a lower risk, where every token is in the head.
    @Test func theLawMinimizesTheFocalRisk() throws {
        let plain = softmax(try LogitRow.sample(.zipf).row(27), at: 1)
        let law = law(plain, head: Set(plain.indices), exponent: 2)
        func risk(_ q: [Double]) -> Double {
            zip(plain, q).reduce(0) { $0 - $1.0 * pow(1 - $1.1, 2) * log($1.1) }
        }
        let least = risk(law)
        for (from, to) in [(0, 1), (3, 9), (20, 2), (26, 5)] {
            var moved = law
            let amount = min(law[from], 1 - law[to]) / 50
            (moved[from], moved[to]) = (moved[from] - amount, moved[to] + amount)
            #expect(risk(moved) > least)
        }
    }

    @Test func exponentsThatThereAreNot() throws {
        for exponent in [0, -1, 17, .nan, .infinity] {
            #expect(throws: ReplayPolicyError.self) {
                try ReplaySampler(
                    try sampleHeader(27, candidates: 4...16, visits: 8), seed: 1, policy: ReplayPolicy(focal: exponent)
                ).requirePolicy()
            }
        }
    }
}
