import CLibrary
import Replay

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
        return originalRank == nil ? entropy + Self.surprise(originalProbability) : entropy
    }

    private static func surprise(_ probability: Double) -> Double {
        probability > 0 ? -probability * log(probability) : 0
    }
}
