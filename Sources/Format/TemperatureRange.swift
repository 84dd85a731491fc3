/// The temperatures at which a shard with a tail can be replayed, both ends included.
public struct TemperatureRange: Codable, Sendable, Hashable, CustomStringConvertible {
    public var minimum: Double
    public var maximum: Double

    public init(from minimum: Double, to maximum: Double) {
        self.minimum = minimum
        self.maximum = maximum
    }

    public func contains(_ temperature: Double) -> Bool {
        minimum <= temperature && temperature <= maximum
    }

    public var description: String { "\(minimum):\(maximum)" }
}

/// The scale on which the tail's log-mass is interpolated and a race tells its changes.
///
/// It is nearly logarithmic over the ranges in use, and takes nothing but additions, divisions and a square root, which
/// are the same on every machine.
extension TemperatureRange {
    /// Where a temperature lies on the scale: below 0 under the geometric mean of the range's ends, above 0 over it.
    public func place(of temperature: Double) -> Double {
        let center = (minimum * maximum).squareRoot()
        return (temperature - center) / (temperature + center)
    }

    /// The temperature at a place, above -1 and below 1; within rounding.
    public func temperature(atPlace place: Double) -> Double {
        (minimum * maximum).squareRoot() * (1 + place) / (1 - place)
    }

    /// Where a temperature lies among `count` parts of the scale: 0 at the minimum, `count` at the maximum.
    public func part(of temperature: Double, in count: Int) -> Double {
        if minimum == maximum { return 0 }
        let start = place(of: minimum)
        return (place(of: temperature) - start) / (place(of: maximum) - start) * Double(count)
    }
}
