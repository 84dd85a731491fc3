/// How real numbers become the integers of a block. Every code and its meaning is in `docs/format.md`.
public enum Quantization {
    /// The head code of a weight of zero.
    public static let headZero = UInt16.max
    /// Steps of the tail's log-mass, each of 1/512.
    public static let tailStep = 0x1p-9
    /// Parts into which the temperature range is divided for the temperatures at which a race's lead changes.
    public static let temperatureParts = 1024

    /// The code of a head logit that lies `deficit` below the largest: steps of 1/128 down to 2 below, of 1/64 to 16, then of
    /// 1/16. Coarser ones between would do for a peaked distribution; in a flat one over 30,000 tokens most of the mass lies
    /// 4 to 10 below the largest.
    @inlinable
    public static func headCode(deficit: Double) -> UInt16 {
        let steps: Double
        if deficit < 2 {
            steps = deficit * 128
        } else if deficit < 16 {
            steps = (deficit - 2) * 64 + 256
        } else {
            steps = (deficit - 16) * 16 + 1152
        }
        let rounded = steps.rounded()
        return rounded < Double(headZero) ? UInt16(max(0, rounded)) : headZero
    }

    /// How far below the largest logit the logits of these codes lie; ``headZero`` is not told apart.
    ///
    /// The steps only grow, so the piecewise linear function is the largest of its lines. All of it is exact.
    @inlinable @inline(__always)
    public static func headDeficits(_ codes: SIMD8<Double>) -> SIMD8<Double> {
        // Not with `pointwiseMax`, which is a call of its own, lane by lane (Swift 6.3).
        let (near, middle, far) = (codes * 0x1p-7, (codes - 128) * 0x1p-6, (codes - 896) * 0x1p-4)
        let nearer = near.replacing(with: middle, where: middle .> near)
        return nearer.replacing(with: far, where: far .> nearer)
    }

    /// How far below the largest logit the logit of a code lies; infinitely for ``headZero``.
    public static func headDeficit(_ code: UInt16) -> Double {
        code == headZero ? .infinity : headDeficits(SIMD8(repeating: Double(code)))[0]
    }

    /// The code of the tail's log-mass relative to the largest logit.
    @inlinable
    public static func tailCode(logMass: Double) -> Int16 {
        let steps = (logMass / tailStep).rounded()
        return Int16(min(Double(Int16.max), max(Double(Int16.min), steps)))
    }

    /// Where `temperature` lies in `range`, in parts: 0 at its minimum, ``temperatureParts`` at its maximum.
    @inlinable
    public static func temperaturePosition(_ temperature: Double, in range: TemperatureRange) -> Double {
        if range.minimum == range.maximum { return 0 }
        return (temperature - range.minimum) / (range.maximum - range.minimum) * Double(temperatureParts)
    }
}
