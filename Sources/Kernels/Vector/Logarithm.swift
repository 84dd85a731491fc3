#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@inline(__always)
func logarithm(_ x: Float) -> Float {
    logf(x)
}

/// The natural logarithm of positive normal numbers, within 4 ulp.
@inline(__always)
package func logarithm(_ x: SIMD8<Double>) -> SIMD8<Double> {
    // x = 2^n m with m from √½ to √2: subtracting the bits of √½ carries into the exponent where m would be larger.
    let bits = unsafeBitCast(x, to: SIMD8<UInt64>.self)
    let root: UInt64 = 0x3FE6_A09E_667F_3BCD
    let exponentBits = (bits &- root) & 0xFFF0_0000_0000_0000
    let mantissa = unsafeBitCast(bits &- exponentBits, to: SIMD8<Double>.self)
    // The exponent as a signed integer in the low bits of 1.5 × 2^52, then as a float.
    let signed = unsafeBitCast(exponentBits, to: SIMD8<Int64>.self) &>> 52
    let shifter = 0x1.8p52
    let integers = signed &+ Int64(bitPattern: shifter.bitPattern)
    let exponent = unsafeBitCast(integers, to: SIMD8<Double>.self) - shifter
    // log m = 2 artanh s, s = (m - 1)/(m + 1), |s| < 0.172: the series to s^21.
    let s = (mantissa - 1) / (mantissa + 1)
    let square = s * s
    var sum = SIMD8<Double>(repeating: 2.0 / 21)
    sum = SIMD8(repeating: 2.0 / 19).addingProduct(sum, square)
    sum = SIMD8(repeating: 2.0 / 17).addingProduct(sum, square)
    sum = SIMD8(repeating: 2.0 / 15).addingProduct(sum, square)
    sum = SIMD8(repeating: 2.0 / 13).addingProduct(sum, square)
    sum = SIMD8(repeating: 2.0 / 11).addingProduct(sum, square)
    sum = SIMD8(repeating: 2.0 / 9).addingProduct(sum, square)
    sum = SIMD8(repeating: 2.0 / 7).addingProduct(sum, square)
    sum = SIMD8(repeating: 2.0 / 5).addingProduct(sum, square)
    sum = SIMD8(repeating: 2.0 / 3).addingProduct(sum, square)
    sum = (2 * s).addingProduct(sum * square, s)
    return sum.addingProduct(exponent, 0.6931471805599453)
}
