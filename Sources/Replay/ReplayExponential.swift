/// exp in float64, the same bits on every machine and in every language: only IEEE additions, multiplications and
/// roundings to nearest, none of them fused, in the order that `docs/format.md` gives. Within 2 ulp of the true value.
///
/// - Parameter x: At most 700. Below -708 the result is 0.
@inline(always)
func replayExponential(_ x: SIMD8<Double>) -> SIMD8<Double> {
    // Adding 1.5 × 2^52 rounds to an integer and leaves it in the low bits.
    let shifter = 0x1.8p52
    let shifted = x * 0x1.71547652b82fep0 + shifter
    let integer = shifted - shifter
    // ln 2 in two parts; the first has 33 bits, so that its product with the integer is exact.
    let rest = (x - integer * 0x1.62e42feep-1) - integer * 0x1.a39ef35793c76p-33
    var sum = SIMD8<Double>(repeating: 1 / 6_227_020_800)
    sum = sum * rest + 1 / 479_001_600
    sum = sum * rest + 1 / 39_916_800
    sum = sum * rest + 1 / 3_628_800
    sum = sum * rest + 1 / 362_880
    sum = sum * rest + 1 / 40_320
    sum = sum * rest + 1 / 5_040
    sum = sum * rest + 1 / 720
    sum = sum * rest + 1 / 120
    sum = sum * rest + 1 / 24
    sum = sum * rest + 1 / 6
    sum = sum * rest + 1 / 2
    sum = sum * rest + 1
    sum = sum * rest + 1
    let power = unsafeBitCast(
        (unsafeBitCast(shifted, to: SIMD8<UInt64>.self) &+ 1023) &<< 52, to: SIMD8<Double>.self)
    return (sum * power).replacing(with: 0, where: x .< -708)
}
