/// The exponent γ of the focal policy over training (``ReplayPolicy/focal``).
///
/// It is constant, or falls from a start towards 0 as a temperature falls towards 1 (``TemperatureSchedule``).
public struct FocalSchedule: Sendable, Hashable, CustomStringConvertible {
    private enum Shape: Hashable {
        case constant(Double)
        /// Of 1 + γ.
        case falling(TemperatureSchedule)
    }

    private let shape: Shape
    public let description: String

    /// - Parameter u: The share of the updates done.
    /// - Returns: nil where γ is below the least of ``ReplayPolicy/focalExponents``, which means no policy.
    public func exponent(at u: Double) -> Double? {
        let exponent =
            switch shape {
            case .constant(let exponent): exponent
            case .falling(let schedule): schedule.temperature(at: u) - 1
            }
        return exponent < ReplayPolicy.focalExponents.lowerBound
            ? nil : min(exponent, ReplayPolicy.focalExponents.upperBound)
    }

    /// Reads `GAMMA`, `linear:START[:SHARE]`, `exponential:START[:DECAY]` or `polynomial:START[:POWER]`; nil for anything else, and for
    /// starts outside ``ReplayPolicy/focalExponents``.
    public init?(_ text: String) {
        if let exponent = Double(text) {
            guard ReplayPolicy.focalExponents.contains(exponent) else { return nil }
            description = "\(exponent)"
            shape = .constant(exponent)
            return
        }
        var parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count > 1, let start = Double(parts[1]), ReplayPolicy.focalExponents.contains(start) else {
            return nil
        }
        description = text
        parts[1] = "\(1 + start)"
        guard let schedule = TemperatureSchedule(parts.joined(separator: ":")) else { return nil }
        shape = .falling(schedule)
    }
}
