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

    /// Inverse temperatures 1/T at which the tail's log-mass is stored: `count` of them from 1/maximum to 1/minimum, ascending,
    /// at equal distances, so that a generator gets the powers exp(z/T) of all of them from two exponentials. Up to five
    /// points interpolate no worse than Chebyshev's (the largest product of distances to the nodes is the same for five).
    ///
    /// One point where the range is a single temperature.
    public func evenNodes(_ count: Int) -> [Double] {
        let low = 1 / maximum
        let high = 1 / minimum
        if count <= 1 || low == high { return [high] }
        return (0..<count).map { index in
            index == count - 1 ? high : low + (high - low) * Double(index) / Double(count - 1)
        }
    }
}
