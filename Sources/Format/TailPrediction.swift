/// Predicts the tail's log-mass at each node from those at the nodes before it: the polynomial through them, extrapolated.
///
/// The log-mass is smooth in the inverse temperature, so what is stored is a small difference.
struct TailPrediction {
    /// For each node, the coefficients of the nodes before it.
    private let coefficients: [[Double]]

    init(nodes: [Double]) {
        coefficients = nodes.indices.map { index in
            index == 0 ? [] : NodeInterpolation.coefficients(at: nodes[index], nodes: nodes[..<index])
        }
    }

    /// The predicted code of `node` where `codes` start with those before it; 0 for the first.
    func code(ofNode node: Int, from codes: UnsafePointer<Int16>) -> Int16 {
        var sum = 0.0
        for (index, coefficient) in coefficients[node].enumerated() {
            sum += coefficient * Double(codes[index])
        }
        // Nodes may lie so that rounding leaves nothing of the coefficients' denominator.
        if sum.isNaN { return .max }
        return Int16(max(-32768, min(32767, sum.rounded(.toNearestOrEven))))
    }
}
