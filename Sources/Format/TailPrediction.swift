/// Predicts the tail's log-mass at each node from those at the nodes that are stored before it: the polynomial through them.
///
/// Nodes are stored from the ends inwards, so that all but the second are interpolated: the difference that is stored of
/// them is small. In ascending order each would be extrapolated, which multiplies the rounding of the others.
struct TailPrediction {
    /// Nodes in the order in which they are stored.
    let order: [Int]
    /// For each node in that order, the coefficients of those before it.
    private let coefficients: [[Double]]

    /// - Parameter places: Of the nodes on the scale, ascending.
    init(places: [Double]) {
        let order = Self.storageOrder(places.count)
        self.order = order
        coefficients = order.indices.map { index in
            if index == 0 { return [] }
            let known = order[..<index].map { places[$0] }
            return NodeInterpolation.coefficients(at: places[order[index]], nodes: known[...])
        }
    }

    /// Both ends, then the middle of each gap, again and again.
    static func storageOrder(_ count: Int) -> [Int] {
        var order = count > 1 ? [0, count - 1] : Array(0..<count)
        var gaps = count > 1 ? [(low: 0, high: count - 1)] : []
        var next = 0
        while next < gaps.count {
            let (low, high) = gaps[next]
            next += 1
            if high - low < 2 { continue }
            let middle = (low + high) / 2
            order.append(middle)
            gaps += [(low, middle), (middle, high)]
        }
        return order
    }

    /// The predicted code of the node that is stored at `index`, from the codes of those before it; 0 for the first.
    ///
    /// - Parameter codes: [nodes] By node.
    func code(storedAt index: Int, from codes: UnsafePointer<Int32>) -> Int32 {
        var sum = 0.0
        for (known, coefficient) in coefficients[index].enumerated() {
            sum += coefficient * Double(codes[order[known]])
        }
        // Nodes may lie so that rounding leaves nothing of the coefficients' denominator.
        if sum.isNaN { return .max }
        return Int32(max(Double(Int32.min), min(Double(Int32.max), sum.rounded(.toNearestOrEven))))
    }
}
