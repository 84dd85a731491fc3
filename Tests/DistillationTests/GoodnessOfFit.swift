import Foundation

/// Whether counts follow probabilities: the G-test over bins of enough expected draws.
struct GoodnessOfFit {
    /// 2 Σ observed ln(observed / expected).
    private(set) var statistic = 0.0
    private(set) var degreesOfFreedom = -1

    /// - Parameter probabilities: Of every outcome; outcomes too rare for a bin of their own share one with the next
    ///   rarer, so that the tail is tested too, bin by bin.
    init(counts: [Int], probabilities: [Double], expectedPerBin: Double = 25) {
        let draws = Double(counts.reduce(0, +))
        let order = probabilities.indices.sorted { probabilities[$0] > probabilities[$1] }
        var bins: [(observed: Double, expected: Double)] = []
        var bin = (observed: 0.0, expected: 0.0)
        for outcome in order {
            bin.observed += Double(counts[outcome])
            bin.expected += probabilities[outcome] * draws
            if bin.expected >= expectedPerBin {
                bins.append(bin)
                bin = (0, 0)
            }
        }
        if let last = bins.popLast() {
            bins.append((last.observed + bin.observed, last.expected + bin.expected))
        } else {
            bins.append(bin)
        }
        for bin in bins {
            if bin.observed > 0 { statistic += 2 * bin.observed * log(bin.observed / bin.expected) }
            degreesOfFreedom += 1
        }
    }

    var pValue: Double { chiSquareP(statistic, degreesOfFreedom: degreesOfFreedom) }
}

/// The chance of a statistic as large under chi-square (Wilson and Hilferty's normal approximation).
func chiSquareP(_ statistic: Double, degreesOfFreedom: Int) -> Double {
    if degreesOfFreedom == 0 { return 1 }
    let degrees = Double(degreesOfFreedom)
    let spread = 2 / (9 * degrees)
    let deviate = (pow(max(0, statistic) / degrees, 1.0 / 3) - (1 - spread)) / spread.squareRoot()
    return 0.5 * erfc(deviate / 2.0.squareRoot())
}

/// The smaller p-value, for two tests, of the test token by token (expected 25 and more) and that of some 24 bins by
/// rank. The first sees any one token go wrong, the second a small shift of them all.
func pValue(of counts: [Int], following probabilities: [Double]) -> Double {
    let draws = Double(counts.reduce(0, +))
    let fine = GoodnessOfFit(counts: counts, probabilities: probabilities)
    let coarse = GoodnessOfFit(counts: counts, probabilities: probabilities, expectedPerBin: draws / 24)
    return 2 * min(fine.pValue, coarse.pValue)
}

/// softmax(z/T) in float64.
func softmax(_ logits: [Float], at temperature: Double) -> [Double] {
    let largest = Double(logits.max() ?? 0)
    let weights = logits.map { exp((Double($0) - largest) / temperature) }
    let sum = weights.reduce(0, +)
    return weights.map { $0 / sum }
}
