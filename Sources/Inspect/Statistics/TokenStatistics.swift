/// How well the generator predicts each token of the vocabulary where it is masked.
public struct TokenStatistics: Sendable, Hashable {
    public struct Token: Sendable, Hashable {
        public let id: Int32
        /// Masked positions whose original it is.
        public let count: Int
        /// Its mean probability there.
        public let probability: Double
    }

    private var sums: [Int32: (count: Int, probability: Double)] = [:]

    public static func == (one: Self, other: Self) -> Bool {
        one.ranked(atLeast: 1) == other.ranked(atLeast: 1)
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(ranked(atLeast: 1)) }

    mutating func add(_ id: Int32, probability: Double) {
        let before = sums[id] ?? (0, 0)
        sums[id] = (before.count + 1, before.probability + probability)
    }

    /// Tokens masked at least `least` times, the most predictable first; ties by id.
    public func ranked(atLeast least: Int) -> [Token] {
        sums.filter { $0.value.count >= least }
            .map {
                Token(id: $0.key, count: $0.value.count, probability: $0.value.probability / Double($0.value.count))
            }
            .sorted { $0.probability != $1.probability ? $0.probability > $1.probability : $0.id < $1.id }
    }
}
