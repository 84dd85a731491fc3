import Format
import Random

/// Draws replacements for masked positions from the content of shards, at any temperature of their range.
///
/// A draw is of the head's tokens, with weights exp(z/T), and of the tail as a whole, with its mass at T; if the tail is
/// drawn, a race names the token (`docs/format.md`, "Replaying"). The draws depend on the seed, the visit and where the
/// sequence stands in its data set alone: not on batches, threads or where a run was interrupted.
///
/// The first visits, as many as the header guarantees, are independent of one another: each draws with a number of its own
/// from the position's pool, and those that can draw the tail have a race of their own. Later visits draw with new numbers
/// and share the races.
public struct ReplaySampler: Sendable {
    private let header: ShardHeader
    public var policy: ReplayPolicy
    private let run: RandomStream
    private let pool: RandomStream

    /// - Parameters:
    ///   - header: The values that the shards of the data set share.
    ///   - seed: The seed of the training run.
    ///   - policy: How tokens are drawn, besides the temperature.
    public init(_ header: ShardHeader, seed: UInt64, policy: ReplayPolicy = ReplayPolicy()) {
        self.header = header
        self.policy = policy
        run = RandomStream(seed: seed, purpose: .replay)
        pool = RandomStream(seed: header.seed, purpose: .pool)
    }

    /// - Throws: ``ReplayPolicyError`` if the shards do not hold the data that the policy needs.
    public func requirePolicy() throws(ReplayPolicyError) {
        if let topK = policy.topK, !(1...header.leastCandidates).contains(topK) {
            throw ReplayPolicyError(kind: .topK(topK, leastCandidates: header.leastCandidates))
        }
        if let focal = policy.focal, !ReplayPolicy.focalExponents.contains(focal) {
            throw ReplayPolicyError(kind: .focal(focal))
        }
    }

    /// The sampler at one temperature. A training step uses it for all its sequences.
    ///
    /// - Throws: ``ReplayError`` for a temperature that is not positive, or outside the range of shards with a tail.
    /// - Precondition: The shards hold the data that the policy needs (``requirePolicy()``).
    public func tempered(to temperature: Double) throws(ReplayError) -> TemperedReplay {
        let range = header.temperatureRange
        guard temperature > 0, temperature.isFinite, (1 / temperature).isFinite else {
            throw ReplayError(kind: .temperatureNotPositive, temperature: temperature, range: range)
        }
        if !header.isDense, !range.contains(temperature) {
            throw ReplayError(kind: .temperatureOutOfRange, temperature: temperature, range: range)
        }
        precondition((policy.topK ?? 1) >= 1 && (policy.topK ?? 1) <= header.leastCandidates)
        return TemperedReplay(
            temperature: temperature, weights: TemperedWeights(header, temperature: temperature, policy: policy),
            hottest: TemperedWeights(header, temperature: range.maximum, policy: ReplayPolicy()),
            part: range.part(of: temperature, in: header.changeParts), shape: header.blockShape, run: run, pool: pool)
    }
}
