/// Thirty-two uniform numbers at once, for races, which need them by the hundred.
extension RandomStream.Draws {
    /// The numbers of the next sixteen draws, each strictly between 0 and 1 (``Swift/Double/init(unitInterval:)``): those of the
    /// draws' first two words, then those of their last two.
    ///
    /// Not to be mixed with ``next()`` where one number of a draw is still to be had from that.
    @inline(__always)
    package mutating func nextUniforms() -> UniformLanes {
        let (x, y, z, w) = stream.generator.words(
            first: draw, position, UInt32(truncatingIfNeeded: sequence),
            pass &<< 16 | UInt32(truncatingIfNeeded: sequence >> 32))
        draw &+= 16
        return UniformLanes(
            first: (Self.uniforms(x.lowHalf, y.lowHalf), Self.uniforms(x.highHalf, y.highHalf)),
            last: (Self.uniforms(z.lowHalf, w.lowHalf), Self.uniforms(z.highHalf, w.highHalf)))
    }

    /// (n + 1/2) / 2^52 for the upper 52 of 64 bits, by way of 1 + n / 2^52, whose bits are those of n.
    @inline(__always)
    private static func uniforms(_ low: SIMD8<UInt32>, _ high: SIMD8<UInt32>) -> SIMD8<Double> {
        let bits = SIMD8<UInt64>(truncatingIfNeeded: high) &<< 32 | SIMD8<UInt64>(truncatingIfNeeded: low)
        let one = unsafeBitCast((bits &>> 12) | 0x3FF0_0000_0000_0000, to: SIMD8<Double>.self)
        return one - (1 - 0x1p-53)
    }
}

/// Sixteen uniform numbers, and sixteen more.
package struct UniformLanes {
    package let first: (SIMD8<Double>, SIMD8<Double>)
    package let last: (SIMD8<Double>, SIMD8<Double>)
}
