/// The function between the two products of a feed-forward block, element by element.
public enum Activation: Sendable, Hashable, CaseIterable {
    /// x Φ(x) (Hendrycks & Gimpel 2016).
    case gelu
    /// GELU as BERT's and ELECTRA's first releases have it: x σ(2 √(2/π) (x + 0.044715 x³)), the same as with a tanh.
    case geluTanh
    /// max(x, 0)
    case relu
    /// x σ(x) (Hendrycks & Gimpel 2016; "swish", Ramachandran et al. 2017).
    case silu

    /// output[i] = f(input[i])
    public func forward(_ input: Span<Float>, into output: consuming MutableSpan<Float>) {
        switch self {
        case .gelu: Elementwise<Gelu>.forward(input, into: output)
        case .geluTanh: Elementwise<GeluTanh>.forward(input, into: output)
        case .relu: Elementwise<Relu>.forward(input, into: output)
        case .silu: Elementwise<Silu>.forward(input, into: output)
        }
    }

    /// gradient[i] *= f'(input[i]), and activated[i] = f(input[i]) on the way: backward needs it again, and
    /// recomputing it here is cheaper than keeping it.
    public func backward(
        _ input: Span<Float>, activated: consuming MutableSpan<Float>, gradient: consuming MutableSpan<Float>
    ) {
        switch self {
        case .gelu: Elementwise<Gelu>.backward(input, activated: activated, gradient: gradient)
        case .geluTanh: Elementwise<GeluTanh>.backward(input, activated: activated, gradient: gradient)
        case .relu: Elementwise<Relu>.backward(input, activated: activated, gradient: gradient)
        case .silu: Elementwise<Silu>.backward(input, activated: activated, gradient: gradient)
        }
    }
}

/// A function of one number and its derivative, sixteen at a time.
protocol DifferentiableFunction {
    static func value(_ x: Lanes) -> Lanes
    static func valueAndSlope(_ x: Lanes) -> (value: Lanes, slope: Lanes)
}

/// The loops of an activation, compiled once for each function. They are written out: a closure that is generic is not
/// inlined into `forEachLanes`, and a call for every sixteen elements costs as much as the function.
private enum Elementwise<Function: DifferentiableFunction> {
    static func forward(_ input: Span<Float>, into output: consuming MutableSpan<Float>) {
        precondition(input.count == output.count)
        let count = input.count
        input.withUnsafeBufferPointer { x in
            output.withUnsafeMutableBufferPointer { y in
                guard let x = x.baseAddress, let y = y.baseAddress else { return }
                var offset = 0
                while offset + 16 <= count {
                    Function.value(Lanes(x + offset)).store(to: y + offset)
                    offset += 16
                }
                let rest = count - offset
                if rest > 0 { Function.value(Lanes(x + offset, count: rest)).store(to: y + offset, count: rest) }
            }
        }
    }

    static func backward(
        _ input: Span<Float>, activated: consuming MutableSpan<Float>, gradient: consuming MutableSpan<Float>
    ) {
        precondition(input.count == activated.count && input.count == gradient.count)
        let count = input.count
        input.withUnsafeBufferPointer { x in
            activated.withUnsafeMutableBufferPointer { y in
                gradient.withUnsafeMutableBufferPointer { g in
                    guard let x = x.baseAddress, let y = y.baseAddress, let g = g.baseAddress else { return }
                    var offset = 0
                    while offset + 16 <= count {
                        let (value, slope) = Function.valueAndSlope(Lanes(x + offset))
                        value.store(to: y + offset)
                        (Lanes(g + offset) * slope).store(to: g + offset)
                        offset += 16
                    }
                    let rest = count - offset
                    if rest > 0 {
                        let (value, slope) = Function.valueAndSlope(Lanes(x + offset, count: rest))
                        value.store(to: y + offset, count: rest)
                        (Lanes(g + offset, count: rest) * slope).store(to: g + offset, count: rest)
                    }
                }
            }
        }
    }
}
