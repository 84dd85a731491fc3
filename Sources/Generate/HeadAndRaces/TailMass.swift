#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// log Σ exp(β (z - reference)) over `logits`, within 1e-5.
///
/// - Parameters:
///   - logits: At most `reference` + 1; minus infinity counts nothing.
///   - inverseTemperature: β, above 0.
func logMass(
    of logits: UnsafeBufferPointer<Float>, relativeTo reference: Float, at inverseTemperature: Double
) -> Double {
    let scale = Float(inverseTemperature * 1.4426950408889634)
    var sums = (SIMD16<Float>.zero, SIMD16<Float>.zero, SIMD16<Float>.zero, SIMD16<Float>.zero)
    guard let base = logits.baseAddress.map({ UnsafeRawPointer($0) }) else { return -.infinity }
    @inline(__always)
    func powers(_ index: Int) -> SIMD16<Float> {
        let vector = base.loadUnaligned(fromByteOffset: 4 * index, as: SIMD16<Float>.self)
        return exponentialBase2((vector - reference) * scale)
    }
    var index = 0
    while index + 64 <= logits.count {
        sums.0 += powers(index)
        sums.1 += powers(index + 16)
        sums.2 += powers(index + 32)
        sums.3 += powers(index + 48)
        index += 64
    }
    var total = 0.0
    let sum = (sums.0 + sums.1) + (sums.2 + sums.3)
    for lane in 0..<16 { total += Double(sum[lane]) }
    while index < logits.count {
        total += Double(exponentialBase2(SIMD16(repeating: (logits[index] - reference) * scale))[0])
        index += 1
    }
    return log(total)
}

/// 2^x for x up to 64, within 3e-6 of it; below 1e-37 where x is below -125.
@inline(always)
private func exponentialBase2(_ x: SIMD16<Float>) -> SIMD16<Float> {
    let bounded = x.replacing(with: -125, where: x .< -125)
    // Adding 1.5 × 2^23 rounds to an integer and leaves it in the low bits.
    let shifted = bounded + 0x1.8p23
    let fraction = bounded - (shifted - 0x1.8p23)
    // Minimax in the relative error on [-1/2, 1/2], by Lawson's algorithm.
    var power = SIMD16<Float>(repeating: 0x1.3997d6p-7)
    power = SIMD16(repeating: 0x1.ca1440p-5).addingProduct(power, fraction)
    power = SIMD16(repeating: 0x1.ec06dap-3).addingProduct(power, fraction)
    power = SIMD16(repeating: 0x1.62e0dcp-1).addingProduct(power, fraction)
    power = SIMD16(repeating: 0x1.ffffe8p-1).addingProduct(power, fraction)
    let exponent = unsafeBitCast(shifted, to: SIMD16<UInt32>.self) &<< 23
    return unsafeBitCast(unsafeBitCast(power, to: SIMD16<UInt32>.self) &+ exponent, to: SIMD16<Float>.self)
}
