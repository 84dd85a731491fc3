/// From a distribution p to the distribution q that minimizes the focal risk Σ p (1 - q)^γ (-ln q): the distribution that a generator
/// trained with the focal loss gives where ours gives p (Hao et al. 2021, "Learning to sample replacements for ELECTRA
/// pre-training").
///
/// At the minimum p φ(q) is the same for all tokens, with φ(q) = (1 - q)^γ / q - γ (1 - q)^(γ - 1) ln q, which falls as q rises. So q is
/// ψ(ln p + u) with one u for all tokens, ψ the inverse of -ln φ, and u such that they sum to 1. φ(q) is 1/q where q is small: the
/// tail's tokens are scaled by one factor.
///
/// Every operation is that of `docs/format.md`, in its order, so that all readers have the same bits.
struct FocalTransform: Sendable {
    /// Other exponents than these, and 0, are not offered: the table would be too coarse for them.
    static let exponents: ClosedRange<Double> = 1.0 / 64...16

    private let exponent: Double
    /// [2049] -ln φ(q) at ln(q / (1 - q)) = -16, -16 + 1/64, ..., 16; ascending.
    private let table: [Double]

    private static let last = 2048
    private static let end = 16.0
    private static let step = 1.0 / 64

    /// - Parameter exponent: γ, one of ``exponents``.
    init(exponent: Double) {
        precondition(Self.exponents.contains(exponent))
        self.exponent = exponent
        var table: [Double] = []
        table.reserveCapacity(Self.last + 8)
        for first in stride(from: 0, through: Self.last, by: 8) {
            var places = SIMD8<Double>()
            for lane in 0..<8 { places[lane] = Double(first + lane) * Self.step - Self.end }
            let odds = replayExponential(places)
            for lane in 0..<min(8, Self.last + 1 - first) { table.append(Self.value(odds[lane], exponent)) }
        }
        self.table = table
    }

    /// -ln φ(q) at odds q / (1 - q).
    private static func value(_ odds: Double, _ exponent: Double) -> Double {
        let inverse = 1 / odds
        let surprise = replayLogarithm(1 + inverse)
        return exponent * replayLogarithm(1 + odds)
            - replayLogarithm((1 + inverse) + exponent * (surprise * (1 + odds)))
    }

    /// ln(q / (1 - q)) at -ln φ(q), on a line between two values of the table and beyond its ends.
    private func place(of value: Double) -> Double {
        if value < table[0] { return -Self.end + (value - table[0]) }
        if value >= table[Self.last] { return Self.end + (value - table[Self.last]) / exponent }
        var (low, high) = (0, Self.last)
        while high - low > 1 {
            let middle = (low + high) / 2
            if table[middle] <= value { low = middle } else { high = middle }
        }
        let part = (value - table[low]) / (table[low + 1] - table[low])
        return (Double(low) * Self.step - Self.end) + part * Self.step
    }

    /// ψ of up to eight values.
    private func probabilities(_ values: SIMD8<Double>, count: Int) -> SIMD8<Double> {
        var places = SIMD8<Double>(repeating: 0)
        for lane in 0..<count { places[lane] = min(64, place(of: values[lane])) }
        let odds = replayExponential(places)
        return odds / (1 + odds)
    }

    /// Replaces the logarithms of weights by the probabilities q, and sums them up to each one.
    ///
    /// - Parameters:
    ///   - head: [count] Minus infinity where a token has no weight.
    ///   - tail: of all tokens of the tail together; nil where there is none.
    /// - Returns: The tail's probability.
    func apply(to head: UnsafeMutableBufferPointer<Double>, count: Int, tail: Double?) -> Double {
        func tailProbability(_ shift: Double) -> Double {
            guard let tail else { return 0 }
            return replayExponential(SIMD8(repeating: min(64, tail + shift)))[0]
        }
        func each(_ shift: Double, _ body: (_ index: Int, _ probability: Double) -> Void) {
            for first in stride(from: 0, to: count, by: 8) {
                let size = min(8, count - first)
                var values = SIMD8<Double>(repeating: 0)
                for lane in 0..<size { values[lane] = head[first + lane] + shift }
                let probabilities = probabilities(values, count: size)
                for lane in 0..<size { body(first + lane, probabilities[lane]) }
            }
        }
        var (low, high) = (-128.0, 708.0)
        for _ in 0..<48 {
            let middle = (low + high) * 0.5
            var sum = tailProbability(middle)
            each(middle) { sum += $1 }
            if sum < 1 { low = middle } else { high = middle }
        }
        each(low) { head[$0] = $1 }
        return tailProbability(low)
    }
}
