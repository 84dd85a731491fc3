/// Which sentence of a pair a model prefers: 1 for the good one, 0 for the bad one, 1/2 where both score the same.
package struct PairPreference: Sendable, Hashable {
    /// By the sums over the tokens.
    package let bySum: Double
    /// By the means over the tokens: a longer sentence has no disadvantage.
    package let byMean: Double

    /// - Parameters:
    ///   - good: the ids of the good sentence, and its score.
    package init(good: (tokens: [Int32], score: Double), bad: (tokens: [Int32], score: Double)) {
        // The same ids are the same sentence, whatever the last bits of sums in different batches say.
        if good.tokens == bad.tokens {
            (bySum, byMean) = (0.5, 0.5)
            return
        }
        bySum = Self.preference(good.score, bad.score)
        byMean = Self.preference(good.score / Self.count(good.tokens), bad.score / Self.count(bad.tokens))
    }

    /// Of the tokens between `[CLS]` and `[SEP]`.
    private static func count(_ tokens: [Int32]) -> Double { Double(tokens.count - 2) }

    private static func preference(_ good: Double, _ bad: Double) -> Double {
        good > bad ? 1 : good < bad ? 0 : 0.5
    }
}
