import Format
import Storage

/// What draws depart from softmax(z/T) by. Without anything they do not.
public struct ReplayPolicy: Sendable, Hashable {
    /// Only so many of the most probable tokens are drawn; nil: all.
    public var topK: Int?
    /// The original is not drawn: every masked position is replaced (google-research/electra's `disallow_correct`).
    public var disallowsCorrect: Bool

    public init(topK: Int? = nil, disallowsCorrect: Bool = false) {
        self.topK = topK
        self.disallowsCorrect = disallowsCorrect
    }
}

/// Why shards do not hold what a policy needs.
public struct ReplayPolicyError: ExplainedError, Hashable {
    public let topK: Int
    /// What the shards hold at every position.
    public let leastCandidates: Int

    public var blame: Blame { .usage }
    public var location: ErrorLocation? { nil }

    public var problem: String {
        "the \(topK) most probable tokens are asked for, but the shards hold \(leastCandidates) at every position"
    }

    public var remedy: String { "Ask for 1 to \(leastCandidates), or generate shards with as many candidates at least" }
}
