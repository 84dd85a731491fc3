import Format

/// The derivative of the tail's log-mass A(β) at one temperature, from the polynomial that a replay takes A itself from.
///
/// A'(β) is the mean of the tail's logits under softmax(β z), relative to the largest of all: with it the entropy of a tail
/// is known though its tokens are not.
struct TailSlope: Sendable {
    /// [nodes] What each node's log-mass counts in the derivative; nil where the nodes do not tell it.
    private let coefficients: [Double]?

    init(_ shape: BlockShape, temperature: Double) {
        if !shape.hasTail {
            coefficients = []
        } else if shape.tailNodes.count < 2 {
            coefficients = nil
        } else {
            coefficients = Self.coefficients(at: 1 / temperature, nodes: shape.tailNodes)
        }
    }

    /// The derivative at one masked position; 0 where there is no tail.
    func value(of block: SequenceBlock, masked: Int) -> Double? {
        guard let coefficients else { return nil }
        var slope = 0.0
        for (node, coefficient) in coefficients.enumerated() {
            slope += coefficient * (Double(block.tailCodes[masked * coefficients.count + node]) * Quantization.tailStep)
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
