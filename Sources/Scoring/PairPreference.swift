import Corpus

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

    /// Of the tokens between `[CLS]` and `[SEP]`; 1 of none, whose score is 0.
    private static func count(_ tokens: [Int32]) -> Double { Double(max(1, tokens.count - 2)) }

    private static func preference(_ good: Double, _ bad: Double) -> Double {
        good > bad ? 1 : good < bad ? 0 : 0.5
    }
}

/// How often the good sentence is preferred, in all and by what the pairs are about.
public struct PreferenceSummary: Codable, Sendable, Hashable {
    /// Pairs of one paradigm or field.
    public struct Group: Codable, Sendable, Hashable {
        public let name: String
        public let pairs: Int
        /// The share of pairs whose good sentence has the higher score; a tie counts half.
        public let accuracy: Double
        /// The same with scores divided by the number of tokens.
        public let accuracyByMean: Double

        init(_ name: String, _ preferences: [PairPreference]) {
            self.name = name
            pairs = preferences.count
            accuracy = preferences.reduce(0) { $0 + $1.bySum } / Double(preferences.count)
            accuracyByMean = preferences.reduce(0) { $0 + $1.byMean } / Double(preferences.count)
        }
    }

    public let all: Group
    /// By BLiMP's `field`, in the order of their names.
    public let fields: [Group]
    /// By BLiMP's `UID`.
    public let paradigms: [Group]

    /// - Precondition: there is a pair, and as many preferences.
    package init(_ pairs: [SentencePair], _ preferences: [PairPreference]) {
        all = Group("all", preferences)
        fields = Self.groups(pairs.map(\.field), preferences)
        paradigms = Self.groups(pairs.map(\.paradigm), preferences)
    }

    private static func groups(_ names: [String?], _ preferences: [PairPreference]) -> [Group] {
        Dictionary(grouping: zip(names, preferences).filter { $0.0 != nil }, by: { $0.0 ?? "" })
            .map { Group($0, $1.map(\.1)) }
            .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }
}
