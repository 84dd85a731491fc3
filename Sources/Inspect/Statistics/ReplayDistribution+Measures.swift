import Replay

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What is known of the original token's probability at a masked position.
public enum OriginalProbability: Sendable, Hashable {
    /// It is in the head: its probability is stored.
    case head(Double)
    /// It is in the tail, of which only the mass is stored.
    ///
    /// - atMost: The least probable of the head's tokens is no less probable than any of the tail's, and the tail has no
    ///   more than its mass.
    /// - estimate: The tail's mass times the share of races that the original leads: what the races stored draw on average.
    case tail(atMost: Double, estimate: Double)

    /// The probability, or its estimate: the share of draws that leave the original in place, over as many visits as there
    /// are races.
    public var expected: Double {
        switch self {
        case .head(let probability): probability
        case .tail(_, let estimate): estimate
        }
    }

    public var isInTail: Bool {
        if case .tail = self { true } else { false }
    }
}

extension ReplayDistribution {
    /// The entropy in nats of the whole distribution.
    ///
    /// With p = exp(β z) / Z over the tail, Σ -p log p = (tail's mass) × (log Z - β A'(β)). The slope is the derivative of an
    /// interpolated, rounded curve, so this is an estimate; it is kept between bounds that hold for sure: the tail is one
    /// token at least, and at most evenly spread.
    ///
    /// - Parameters:
    ///   - slope: A'(β), the derivative of the tail's log-mass.
    ///   - tailSize: Tokens of the tail.
    public func entropy(temperature: Double, slope: Double, tailSize: Int) -> Double {
        let least = lumpedEntropy
        guard tailProbability > 0, tailSize > 0, let first = headProbabilities.first, first > 0 else { return least }
        let tail = tailProbability * (-log(first) - slope / temperature)
        let head = least - Self.surprise(tailProbability)
        guard (head + tail).isFinite else { return least }
        return min(max(head + tail, least), least + tailProbability * log(Double(tailSize)))
    }

    /// The entropy in nats of head and tail, the tail as if it were one token.
    var lumpedEntropy: Double {
        var entropy = Self.surprise(tailProbability)
        for probability in headProbabilities { entropy += Self.surprise(probability) }
        return entropy
    }

    /// Of the token that the text has here.
    public func original(_ id: Int32) -> OriginalProbability {
        if let rank = headIDs.firstIndex(of: id) { return .head(headProbabilities[rank]) }
        let led = raceWinners.reduce(0) { $0 + ($1 == id ? 1 : 0) }
        return .tail(
            atMost: min(tailProbability, headProbabilities.last ?? 1),
            estimate: tailProbability * Double(led) / Double(max(raceWinners.count, 1)))
    }

    private static func surprise(_ probability: Double) -> Double {
        probability > 0 ? -probability * log(probability) : 0
    }
}
