/// How many of a position's most probable tokens are kept with their logits.
///
/// A candidate costs some 1.9 bytes. Left in the tail, it is drawn by a race in its place, at some 4.2 bytes a race and as
/// often as its probability says. So it is worth its bytes while visits × probability × 4.2 > 1.9, with the probability at
/// the highest temperature (`docs/ledger/shards.md`, "Bytes").
struct CandidateRule {
    private let counts: ClosedRange<Int>
    private let leastProbability: Double

    /// - Parameters:
    ///   - counts: The least and the most candidates of a position.
    ///   - visits: Independent visits that the races are to serve.
    init(_ counts: ClosedRange<Int>, visits: Int) {
        self.counts = counts
        leastProbability = visits > 0 ? 1.9 / 4.2 / Double(visits) : 0
    }

    /// - Parameters:
    ///   - weights: Of the most probable tokens at the highest temperature, descending; as many as candidates at most.
    ///   - total: Of all tokens.
    func count(_ weights: some Collection<Double>, of total: Double) -> Int {
        let worthy = weights.prefix { $0 >= leastProbability * total && $0 > 0 }.count
        return max(counts.lowerBound, min(counts.upperBound, worthy))
    }
}
