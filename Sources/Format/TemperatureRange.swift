#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

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

    /// Inverse temperatures 1/T at which the tail's log-mass is stored: `count` Chebyshev points of the second kind on
    /// [1/maximum, 1/minimum], ascending, both ends among them, so that the ends of the range are not interpolated.
    ///
    /// One point where the range is a single temperature.
    public func chebyshevNodes(_ count: Int) -> [Double] {
        let low = 1 / maximum
        let high = 1 / minimum
        if count <= 1 || low == high { return [high] }
        return (0..<count).map { index in
            if index == 0 { return low }
            if index == count - 1 { return high }
            let cosine = cos(Double.pi * Double(count - 1 - index) / Double(count - 1))
            return (low + high) / 2 + (high - low) / 2 * cosine
        }
    }
}
