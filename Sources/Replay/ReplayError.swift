import Format
import Storage

/// Why shards cannot be replayed as asked.
public struct ReplayError: ExplainedError, Hashable {
    public enum Kind: String, Sendable, Hashable {
        /// The shards hold races for a range of temperatures that does not contain this one.
        case temperatureOutOfRange
        /// A temperature is not a positive, finite number.
        case temperatureNotPositive
    }

    public let kind: Kind
    public let temperature: Double
    /// What the shards hold.
    public let range: TemperatureRange

    public var blame: Blame { .usage }
    public var location: ErrorLocation? { nil }

    public var problem: String {
        switch kind {
        case .temperatureOutOfRange:
            "the shards can be replayed at temperatures from \(range.minimum) to \(range.maximum), not at \(temperature)"
        case .temperatureNotPositive: "the temperature is \(temperature), but must be above 0 and finite"
        }
    }

    public var remedy: String {
        switch kind {
        case .temperatureOutOfRange: "Choose temperatures within the range"
        case .temperatureNotPositive: "Choose a positive temperature"
        }
    }
}
