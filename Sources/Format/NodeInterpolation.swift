/// The polynomial through values at given points, as coefficients of those values.
public enum NodeInterpolation {
    /// The weight of each node's value in the polynomial's value at `point`: the second barycentric form (Berrut and
    /// Trefethen, "Barycentric Lagrange interpolation", SIAM Review 2004).
    ///
    /// The operations and their order are part of the format (`docs/format.md`): other readers get the same bits.
    ///
    /// - Parameters:
    ///   - point: Where the polynomial is asked for.
    ///   - nodes: Different from one another, at least one.
    /// - Returns: [nodes] The factor of each node's value.
    public static func coefficients(at point: Double, nodes: ArraySlice<Double>) -> [Double] {
        if let index = nodes.firstIndex(of: point) {
            return nodes.indices.map { $0 == index ? 1 : 0 }
        }
        let terms = nodes.indices.map { index in
            var product = 1.0
            for other in nodes.indices where other != index {
                product *= nodes[index] - nodes[other]
            }
            return 1 / product / (point - nodes[index])
        }
        var sum = 0.0
        for term in terms { sum += term }
        return terms.map { $0 / sum }
    }
}
