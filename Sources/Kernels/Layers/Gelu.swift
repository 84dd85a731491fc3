/// x Φ(x), with the error function.
enum Gelu: DifferentiableFunction {
    @inline(__always)
    static func value(_ x: Lanes) -> Lanes { x * normalDistribution(x).cumulative }

    @inline(__always)
    static func valueAndSlope(_ x: Lanes) -> (value: Lanes, slope: Lanes) {
        let (cumulative, density) = normalDistribution(x)
        return (x * cumulative, cumulative.addingProduct(x, density))
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
