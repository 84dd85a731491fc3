/// GELU, the exact one with the error function: x Φ(x) (Hendrycks & Gimpel 2016; `gelu` in Hugging Face configs).
public enum Gelu {
    /// output[i] = gelu(input[i])
    public static func forward(_ input: Span<Float>, into output: consuming MutableSpan<Float>) {
        precondition(input.count == output.count)
        let count = input.count
        input.withUnsafeBufferPointer { x in
            output.withUnsafeMutableBufferPointer { y in
                guard let x = x.baseAddress, let y = y.baseAddress else { return }
                forEachLanes(of: count) { offset, tail in
                    let lanes = x.lanes(at: offset, tail: tail)
                    y.store(lanes * normalDistribution(lanes).cumulative, at: offset, tail: tail)
                }
            }
        }
    }

    /// gradient[i] *= gelu'(input[i]), and activated[i] = gelu(input[i]) on the way: backward needs it again, and
    /// recomputing it here is cheaper than keeping it.
    public static func backward(
        _ input: Span<Float>, activated: consuming MutableSpan<Float>, gradient: consuming MutableSpan<Float>
    ) {
        precondition(input.count == activated.count && input.count == gradient.count)
        let count = input.count
        input.withUnsafeBufferPointer { x in
            activated.withUnsafeMutableBufferPointer { y in
                gradient.withUnsafeMutableBufferPointer { g in
                    guard let x = x.baseAddress, let y = y.baseAddress, let g = g.baseAddress else { return }
                    forEachLanes(of: count) { offset, tail in
                        let lanes = x.lanes(at: offset, tail: tail)
                        let (cumulative, density) = normalDistribution(lanes)
                        y.store(lanes * cumulative, at: offset, tail: tail)
                        let slope = cumulative.addingProduct(lanes, density)
                        g.store(g.lanes(at: offset, tail: tail) * slope, at: offset, tail: tail)
                    }
                }
            }
        }
    }

    /// Φ(x) and φ(x) of the standard normal distribution, Φ to 2.1e-7 (7.5e-8 of it the series, the rest rounding).
    ///
    /// The tail probability is t(a1 + t(a2 + ...)) e^(-x²/2) / 2 with t = 1 / (1 + p |x| / √2): Abramowitz & Stegun
    /// 7.1.26. The exponential is φ's as well.
    @inline(__always)
    private static func normalDistribution(_ x: Lanes) -> (cumulative: Lanes, density: Lanes) {
        let magnitude = x.replacing(with: -x, where: x .< 0)
        let gaussian = (x * x * -0.5).exponential()
        let t = 1 / Lanes(repeating: 1).addingProduct(magnitude, Lanes(repeating: 0.327_591_1 * 0.707_106_78))
        var series = Lanes(repeating: 1.061_405_429)
        series = Lanes(repeating: -1.453_152_027).addingProduct(series, t)
        series = Lanes(repeating: 1.421_413_741).addingProduct(series, t)
        series = Lanes(repeating: -0.284_496_736).addingProduct(series, t)
        series = Lanes(repeating: 0.254_829_592).addingProduct(series, t)
        let tail = series * t * gaussian * 0.5
        return ((1 - tail).replacing(with: tail, where: x .< 0), gaussian * 0.398_942_28)
    }
}
