import CLibrary
import Finetuning

/// Student's paired t-test: whether two arms differ, seed by seed.
public struct PairedTest: Sendable, Hashable {
    /// First minus second; mean and 95 % interval.
    public let difference: MeanInterval
    /// Two-sided; `nil` where there are fewer than two pairs.
    public let probability: Double?

    /// - Precondition: as many values in both, at least one.
    public init(_ first: [Double], _ second: [Double]) {
        precondition(first.count == second.count)
        difference = MeanInterval(zip(first, second).map { $0 - $1 })
        let count = Double(first.count)
        guard first.count > 1 else {
            probability = nil
            return
        }
        let mean = difference.mean
        let variance = difference.values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
        if variance == 0 {
            probability = mean == 0 ? 1 : 0
        } else {
            let t = mean / (variance / count).squareRoot()
            // P(|T| > t) = I_x(n/2, 1/2) with x = n / (n + t²).
            let freedom = count - 1
            probability = Self.incompleteBeta(freedom / (freedom + t * t), freedom / 2, 0.5)
        }
    }

    /// The regularized incomplete beta function I_x(a, b), by Lentz's continued fraction (Numerical Recipes, 6.4).
    package static func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
        if x <= 0 || x >= 1 { return x <= 0 ? 0 : 1 }
        let front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log(1 - x))
        return x < (a + 1) / (a + b + 2)
            ? front * fraction(x, a, b) / a
            : 1 - front * fraction(1 - x, b, a) / b
    }

    private static func fraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
        let tiny = 1e-300
        func bounded(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
        var c = 1.0
        var d = 1 / bounded(1 - (a + b) * x / (a + 1))
        var result = d
        for index in 1...300 {
            let m = Double(index)
            let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
            d = 1 / bounded(1 + even * d)
            c = bounded(1 + even / c)
            result *= d * c
            let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
            d = 1 / bounded(1 + odd * d)
            c = bounded(1 + odd / c)
            result *= d * c
            if abs(d * c - 1) < 1e-14 { break }
        }
        return result
    }
}
