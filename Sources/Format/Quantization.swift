/// How real numbers become the integers of a block. Every code and its meaning is in `docs/format.md`.
public enum Quantization {
    /// The head code of a weight of zero.
    public static let headZero = UInt16.max
    /// Steps of the tail's log-mass.
    public static let tailStep = 0x1p-8
    /// Races of a masked position, at most.
    public static let mostRaces = 256

    /// The zones of head codes: from which deficit on, and in steps of which size, both in units of the lowest temperature.
    public static let headZones: [(start: Double, step: Double)] = [(0, 0x1p-8), (16, 0x1p-7), (64, 0x1p-5)]

    /// The largest deficit that a code other than ``headZero`` stands for.
    public static let largestDeficit = (65_534.0 - 8_192) / 32

    /// The code of a head logit that lies `deficit` below the largest, in units of the lowest temperature: fine where
    /// the weight can be large, coarser below.
    @inlinable
    public static func headCode(deficit: Double) -> UInt16 {
        let steps: Double
        if deficit < 16 {
            steps = deficit * 256
        } else if deficit < 64 {
            steps = (deficit - 16) * 128 + 4_096
        } else {
            steps = (deficit - 64) * 32 + 10_240
        }
        let rounded = steps.rounded()
        return rounded < Double(headZero) ? UInt16(max(0, rounded)) : headZero
    }

    /// How far below the largest logit the logits of these codes lie, in units of the lowest temperature; ``headZero`` is
    /// not told apart.
    ///
    /// The steps only grow, so the piecewise linear function is the largest of its lines. All of it is exact.
    @inlinable @inline(__always)
    public static func headDeficits(_ codes: SIMD8<Double>) -> SIMD8<Double> {
        // Not with `pointwiseMax`, which is a call of its own, lane by lane (Swift 6.3).
        let (near, middle, far) = (codes * 0x1p-8, (codes - 2_048) * 0x1p-7, (codes - 8_192) * 0x1p-5)
        let nearer = near.replacing(with: middle, where: middle .> near)
        return nearer.replacing(with: far, where: far .> nearer)
    }

    /// How far below the largest logit the logit of a code lies, in units of the lowest temperature; infinitely for
    /// ``headZero``.
    public static func headDeficit(_ code: UInt16) -> Double {
        code == headZero ? .infinity : headDeficits(SIMD8(repeating: Double(code)))[0]
    }

    /// The code of the tail's log-mass relative to the largest logit.
    @inlinable
    public static func tailCode(logMass: Double) -> Int16 {
        let steps = (logMass / tailStep).rounded()
        return Int16(min(Double(Int16.max), max(Double(Int16.min), steps)))
    }
}
