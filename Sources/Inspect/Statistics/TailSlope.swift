import Format

/// The derivative of the tail's log-mass A(β), β = 1/T, at one temperature, from the polynomial that a replay takes A itself
/// from.
///
/// A'(β) is the mean of the tail's logits under softmax(β z), relative to the largest of all: with it the entropy of a tail
/// is known though its tokens are not.
struct TailSlope: Sendable {
    /// [nodes] The weight of each node's log-mass in the derivative; nil where the nodes do not tell it.
    private let coefficients: [Double]?

    init(_ header: ShardHeader, temperature: Double) {
        let places = header.blockShape.nodePlaces
        if header.isDense {
            coefficients = []
        } else if places.count < 2 {
            coefficients = nil
        } else {
            let range = header.temperatureRange
            // The place is (T - c)/(T + c), and dT/dβ = -T².
            let center = (range.minimum * range.maximum).squareRoot()
            let sum = temperature + center
            let perInverse = -2 * center / (sum * sum) * temperature * temperature
            coefficients = Self.coefficients(at: range.place(of: temperature), nodes: places).map { $0 * perInverse }
        }
    }

    /// The derivative at one masked position; 0 where there is no tail.
    func value(of block: SequenceBlock, masked: Int) -> Double? {
        guard let coefficients else { return nil }
        var slope = 0.0
        for (coefficient, index) in zip(coefficients, block.tailRange(ofMasked: masked)) {
            slope += coefficient * (Double(block.tailCodes[index]) * Quantization.tailStep)
        }
        return slope
    }

    /// The derivatives of Lagrange's polynomials at `point`: products with one factor left out, and summed over which.
    private static func coefficients(at point: Double, nodes: [Double]) -> [Double] {
        nodes.indices.map { node in
            let others = nodes.indices.filter { $0 != node }
            let scale = others.reduce(1.0) { $0 * (nodes[node] - nodes[$1]) }
            return others.reduce(0.0) { sum, left in
                sum + others.reduce(1.0) { $1 == left ? $0 : $0 * (point - nodes[$1]) }
            } / scale
        }
    }
}
