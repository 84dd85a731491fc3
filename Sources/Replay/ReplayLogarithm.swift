/// ln in float64, the same bits on every machine and in every language: only IEEE additions, multiplications and divisions, none of
/// them fused, in the order that `docs/format.md` gives. Within 2 ulp of the true value, or of 1 near it.
///
/// - Parameter x: Above 0 and normal.
func replayLogarithm(_ x: Double) -> Double {
    var mantissa = x.significand
    var power = Double(x.exponent)
    // Between the root of 1/2 and that of 2.
    if mantissa >= 0x1.6a09e667f3bcdp0 {
        mantissa *= 0.5
        power += 1
    }
    let ratio = (mantissa - 1) / (mantissa + 1)
    let square = ratio * ratio
    var sum = 1.0 / 21
    for divisor in stride(from: 19.0, through: 1, by: -2) { sum = sum * square + 1 / divisor }
    return power * 0x1.62e42fefa39efp-1 + 2 * (ratio * sum)
}
