import Format
import Storage

/// The rules by which draws depart from softmax(z/T). Without a rule they do not.
public struct ReplayPolicy: Sendable, Hashable {
    /// Only so many of the most probable tokens are drawn; nil: all.
    public var topK: Int?
    /// The original is not drawn: every masked position is replaced (google-research/electra's `disallow_correct`).
    public var disallowsCorrect: Bool
    /// γ of the focal loss that the generator might have been trained with, from ``focalExponents``; nil: none. Draws are then
    /// those of the distribution that minimizes the focal risk (Hao et al. 2021). The other policies come after it.
    public var focal: Double?

    /// The values that ``focal`` can have.
    public static let focalExponents = FocalTransform.exponents

    public init(topK: Int? = nil, disallowsCorrect: Bool = false, focal: Double? = nil) {
        self.topK = topK
        self.disallowsCorrect = disallowsCorrect
        self.focal = focal
    }
}

/// Why draws cannot follow a policy.
public struct ReplayPolicyError: ExplainedError, Hashable {
    public enum Kind: Sendable, Hashable {
        /// The shards hold fewer candidates at some positions.
        case topK(Int, leastCandidates: Int)
        case focal(Double)
    }

    public let kind: Kind

    public var blame: Blame { .usage }
    public var location: ErrorLocation? { nil }

    public var problem: String {
        switch kind {
        case .topK(let topK, let least):
            "the \(topK) most probable tokens are asked for, but the shards hold \(least) at every position"
        case .focal(let exponent): "the focal exponent is \(exponent)"
        }
    }

    public var remedy: String {
        switch kind {
        case .topK(_, let least): "Ask for 1 to \(least), or generate shards with as many candidates at least"
        case .focal:
            "Choose one from \(ReplayPolicy.focalExponents.lowerBound) to \(ReplayPolicy.focalExponents.upperBound), or none"
        }
    }
}
