import CLibrary
import Replay

/// How far apart two distributions over the same vocabulary are, as far as is stored.
///
/// The original and tokens that both have as candidates are compared one by one, all others as one lump. Merging outcomes never moves distributions apart
/// (the data processing inequality), so these are lower bounds of the distances over the whole vocabulary.
public struct Divergence: Sendable, Hashable {
    /// Half the sum of differences, 0 to 1.
    public var totalVariation: Double
    /// The mean of both's divergence from their mean, in nats, 0 to log 2 (Lin, "Divergence measures based on the Shannon
    /// entropy", 1991).
    public var jensenShannon: Double

    init(totalVariation: Double, jensenShannon: Double) {
        self.totalVariation = totalVariation
        self.jensenShannon = jensenShannon
    }

    /// - Parameters: Two distributions of a position whose original is the same token.
    public init(_ one: ReplayDistribution, _ other: ReplayDistribution) {
        self.init(totalVariation: 0, jensenShannon: 0)
        let (one, other) = (one.withoutOriginal, other.withoutOriginal)
        add(one.originalProbability, other.originalProbability)
        let probabilities = Dictionary(
            zip(other.headIDs, other.headProbabilities), uniquingKeysWith: { first, _ in first })
        var (rest, otherRest) = (1 - one.originalProbability, 1 - other.originalProbability)
        var seen: Set<Int32> = []
        for (id, probability) in zip(one.headIDs, one.headProbabilities) {
            guard let otherProbability = probabilities[id], seen.insert(id).inserted else { continue }
            add(probability, otherProbability)
            rest -= probability
            otherRest -= otherProbability
        }
        add(max(0, rest), max(0, otherRest))
    }

    private mutating func add(_ one: Double, _ other: Double) {
        totalVariation += abs(one - other) / 2
        let mean = (one + other) / 2
        for share in [one, other] where share > 0 { jensenShannon += share * log(share / mean) / 2 }
    }

    static func += (total: inout Self, part: Self) {
        total.totalVariation += part.totalVariation
        total.jensenShannon += part.jensenShannon
    }
}

extension ReplayDistribution {
    /// With the original apart from the candidates.
    fileprivate var withoutOriginal: ReplayDistribution {
        guard let originalRank else { return self }
        var parted = self
        parted.headIDs.remove(at: originalRank)
        parted.headProbabilities.remove(at: originalRank)
        parted.originalRank = nil
        return parted
    }
}
