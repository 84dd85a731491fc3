/// How real numbers become the integers of a block. Every code and its meaning is in `docs/format.md`.
///
/// Log-weights off by at most δ move a distribution by at most tanh(δ/2) in total variation. Head logits are off by at
/// most 1/256, the tail's log-mass by 1/1024 at its nodes: under 0.00196 in all.
public enum Quantization {
    /// Steps a head logit is below the largest, each of 1/128.
    public static let headStep = 0x1p-7
    /// Steps of the tail's log-mass, each of 1/512.
    public static let tailStep = 0x1p-9
    /// Parts into which the temperature range is divided for the temperatures at which a race's lead changes.
    public static let temperatureParts = 4096
    /// The head code of a weight of zero.
    public static let headZero = UInt16.max

    /// The code of a head logit that lies `deficit` below the largest.
    @inlinable
    public static func headCode(deficit: Double) -> UInt16 {
        let steps = (deficit / headStep).rounded()
        return steps < Double(headZero) ? UInt16(max(0, steps)) : headZero
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
