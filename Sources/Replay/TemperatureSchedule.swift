import CLibrary

/// The temperature at which the generator's output is smoothed, over training.
///
/// u is the share of updates done, in [0, 1]. The exponential one is that of Fast-ELECTRA (Dong et al. 2024).
public enum TemperatureSchedule: Sendable, Hashable {
    /// 1 + (start - 1) exp(-u / decay)
    case exponential(start: Double, decay: Double)
    /// From start to 1 at u = share, then 1.
    case linear(start: Double, share: Double)
    /// 1 + (start - 1) (1 - u)^power
    case polynomial(start: Double, power: Double)
    case constant(Double)

    /// T₀ = 2, τ = 0.1
    public static let standard = TemperatureSchedule.exponential(start: 2, decay: 0.1)

    public func temperature(at u: Double) -> Double {
        // Rounding must not lead out of the range that begins with the start.
        min(max(unboundedTemperature(at: u), min(start, 1)), max(start, 1))
    }

    private var start: Double {
        switch self {
        case .exponential(let start, _), .linear(let start, _), .polynomial(let start, _), .constant(let start): start
        }
    }

    private func unboundedTemperature(at u: Double) -> Double {
        switch self {
        case .exponential(let start, let decay): 1 + (start - 1) * exp(-u / decay)
        case .linear(let start, let share): 1 + (start - 1) * max(0, 1 - u / share)
        case .polynomial(let start, let power): 1 + (start - 1) * pow(max(0, 1 - u), power)
        case .constant(let temperature): temperature
        }
    }

    /// The hottest and the coldest temperature of a whole run.
    public var range: ClosedRange<Double> {
        let ends = [temperature(at: 0), temperature(at: 1)]
        return min(ends[0], ends[1])...max(ends[0], ends[1])
    }
}

extension TemperatureSchedule: CustomStringConvertible {
    public var description: String {
        switch self {
        case .exponential(let start, let decay): "exponential:\(start):\(decay)"
        case .linear(let start, let share): "linear:\(start):\(share)"
        case .polynomial(let start, let power): "polynomial:\(start):\(power)"
        case .constant(let temperature): "constant:\(temperature)"
        }
    }

    /// Those that shards can have.
    private static let temperatures = 1.0 / 64...64

    /// Reads `exponential:START[:DECAY]`, `linear:START[:SHARE]`, `polynomial:START[:POWER]` or `constant:T`; `nil` for
    /// anything else, temperatures below 1/64 and above 64, and decays that are not positive.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let numbers = parts.dropFirst().map { Double($0) ?? .nan }
        guard let temperature = numbers.first, Self.temperatures.contains(temperature) else { return nil }
        let second = numbers.count > 1 ? numbers[1] : nil
        if let second, !(second > 0 && second.isFinite) { return nil }
        switch (parts[0], numbers.count) {
        case ("exponential", 1...2): self = .exponential(start: temperature, decay: second ?? 0.1)
        case ("linear", 1...2): self = .linear(start: temperature, share: second ?? 1)
        case ("polynomial", 1...2): self = .polynomial(start: temperature, power: second ?? 2)
        case ("constant", 1): self = .constant(temperature)
        default: return nil
        }
    }
}
