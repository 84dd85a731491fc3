import Format
import Storage

/// How far, in total variation, the draws of a replay are from softmax(z/T), at whatever temperature of the shards' range.
///
/// Codes have steps, the tail's mass is interpolated between nodes, and the changes of a race are written down in parts of the
/// range: all of it costs more the wider the range, and the colder its lower end.
public struct ReplayDeviation: Sendable, Hashable {
    /// A range in which rows like a generator's deviate by more is refused.
    public static let limit = 0.002

    /// The most over rows with the shapes that generators have: nearly flat, Zipf's law, one token far ahead.
    public let typical: Double
    /// What no row exceeds, whatever its logits. Rows that come near have tens of thousands of tokens at one level, far below
    /// a few others.
    public let worst: Double

    /// - Parameter header: Its vocabulary size, head size, temperature range and nodes are used.
    public init(of header: ShardHeader) {
        let temperatures = header.temperatureRange.temperatures(25)
        var largest = 0.0
        for row in LevelRow.references(vocabularySize: header.vocabularySize) {
            let stored = StoredLevelRow(row, in: header)
            for temperature in temperatures { largest = max(largest, stored.deviation(at: temperature)) }
        }
        typical = largest
        worst = max(largest, WorstDeviation(header).largest)
    }

    /// - Throws: ``TemperatureRangeError`` for a range in which ``typical`` exceeds ``limit``.
    public static func ofAcceptable(_ header: ShardHeader) throws(TemperatureRangeError) -> ReplayDeviation {
        let deviation = ReplayDeviation(of: header)
        if deviation.typical > limit {
            throw TemperatureRangeError(range: header.temperatureRange, deviation: deviation)
        }
        return deviation
    }
}

/// A range of temperatures that shards cannot serve well enough.
public struct TemperatureRangeError: ExplainedError, Hashable {
    public let range: TemperatureRange
    public let deviation: ReplayDeviation

    public var blame: Blame { .usage }
    public var location: ErrorLocation? { nil }

    public var problem: String {
        "with temperatures from \(range.minimum) to \(range.maximum) the draws would be off softmax(z/T) by a total"
            + " variation of \(Self.rounded(deviation.typical)), and \(ReplayDeviation.limit) is allowed"
    }

    public var remedy: String { "Choose a narrower range, or one that begins higher" }

    /// Two significant digits.
    private static func rounded(_ value: Double) -> Double {
        var scale = 1.0
        while value * scale < 10, scale < 1e6 { scale *= 10 }
        return (value * scale).rounded() / scale
    }
}
