import Corpus

/// How often the good sentence is preferred, in all, and for each paradigm and field.
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
