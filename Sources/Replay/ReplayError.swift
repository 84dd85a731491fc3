import Format
import Storage
import SystemPackage

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
    /// The range of the shards.
    public let range: TemperatureRange
    /// The data set, where there are several.
    public var dataset: FilePath?

    public var blame: Blame { .usage }
    public var location: ErrorLocation? { dataset.map { ErrorLocation(file: $0.string) } }

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
