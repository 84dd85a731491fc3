/// x σ(2 √(2/π) (x + 0.044715 x³)): ½ (1 + tanh u) is σ(2u).
enum GeluTanh: DifferentiableFunction {
    private static let scale: Float = 2 * 0.797_884_56
    private static let cubic: Float = 0.044_715

    @inline(__always)
    static func value(_ x: Lanes) -> Lanes { x * logistic(argument(bounded(x))).value }

    @inline(__always)
    static func valueAndSlope(_ x: Lanes) -> (value: Lanes, slope: Lanes) {
        let near = bounded(x)
        let (value, complement) = logistic(argument(near))
        let rate = Lanes(repeating: scale).addingProduct(near * near, Lanes(repeating: 3 * cubic * scale))
        return (x * value, value.addingProduct(near * value * complement, rate))
    }

    @inline(__always)
    private static func argument(_ x: Lanes) -> Lanes {
        x * Lanes(repeating: scale).addingProduct(x * x, Lanes(repeating: cubic * scale))
    }

    /// Beyond ±12 the logistic function is 0 or 1 in single precision, and a cube would soon be infinite.
    @inline(__always)
    private static func bounded(_ x: Lanes) -> Lanes {
        pointwiseMin(pointwiseMax(x, Lanes(repeating: -12)), Lanes(repeating: 12))
    }
}

/// x σ(x)
enum Silu: DifferentiableFunction {
    @inline(__always)
    static func value(_ x: Lanes) -> Lanes { x * logistic(x).value }

    @inline(__always)
    static func valueAndSlope(_ x: Lanes) -> (value: Lanes, slope: Lanes) {
        let (value, complement) = logistic(x)
        return (x * value, value.addingProduct(x * value, complement))
    }
}

/// max(x, 0); its slope at 0 is 0, as PyTorch has it.
enum Relu: DifferentiableFunction {
    @inline(__always)
    static func value(_ x: Lanes) -> Lanes { x.replacing(with: 0, where: x .<= 0) }

    @inline(__always)
    static func valueAndSlope(_ x: Lanes) -> (value: Lanes, slope: Lanes) {
        (value(x), Lanes(repeating: 1).replacing(with: 0, where: x .<= 0))
    }
}

/// σ(x) and 1 - σ(x), each without cancellation: the exponential is taken of -|x|.
@inline(__always)
private func logistic(_ x: Lanes) -> (value: Lanes, complement: Lanes) {
    let isNegative = x .< 0
    let small = x.replacing(with: -x, where: .!isNegative).exponential()
    let near = 1 / (1 + small)
    let far = small * near
    return (near.replacing(with: far, where: isNegative), far.replacing(with: near, where: isNegative))
}
