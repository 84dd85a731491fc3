extension Lanes {
    /// e to the power of each lane: relative error below 1e-7; 0 below -87.3, and at most e^88 above.
    ///
    /// x = n ln 2 + r with |r| <= ln 2 / 2. Rounding adds 1.5·2^23 (a rounding instruction through `rounded()` is scalar
    /// in Swift), 2^n is built in the exponent bits, and e^r is 1 + r + r² q(r), q the Chebyshev interpolant of degree 4 of
    /// (e^r - 1 - r) / r² (error below 1.1e-8; the Taylor polynomial of the same cost has 1.3e-7).
    @inline(__always)
    package func exponential() -> SIMD16<Float> {
        let magic: Float = 12_582_912  // 1.5 * 2^23
        let clamped = replacing(with: -87.33, where: self .< -87.33)
            .replacing(with: 88, where: self .> 88)
        let shifted = Lanes(repeating: magic).addingProduct(clamped, Lanes(repeating: 1.442_695_04))
        let n = shifted - magic
        // ln 2 in two parts, so that n ln 2 is exact to the last bit of r.
        var r = clamped.addingProduct(n, Lanes(repeating: -0.693_359_375))
        r = r.addingProduct(n, Lanes(repeating: 2.121_944_4e-4))
        var polynomial = Lanes(repeating: 1.392_618_4e-3)
        polynomial = Lanes(repeating: 8.363_178_9e-3).addingProduct(polynomial, r)
        polynomial = Lanes(repeating: 4.166_655_6e-2).addingProduct(polynomial, r)
        polynomial = Lanes(repeating: 0.166_665_76).addingProduct(polynomial, r)
        polynomial = Lanes(repeating: 0.5).addingProduct(polynomial, r)
        polynomial = Lanes(repeating: 1).addingProduct(polynomial, r)
        polynomial = Lanes(repeating: 1).addingProduct(polynomial, r)
        let bits = unsafeBitCast(shifted, to: SIMD16<Int32>.self) &+ SIMD16<Int32>(repeating: 127 &- 0x4B40_0000)
        let powerOfTwo = unsafeBitCast(bits &<< 23, to: Lanes.self)
        return (polynomial * powerOfTwo).replacing(with: 0, where: self .< -87.33)
    }
}
