import Random

/// Which tokens of its own sequence `[CLS]` is asked for, so that its output tells the topic of a sequence.
///
/// Neither masked language modeling nor replaced token detection asks `[CLS]` for anything, and classifiers read nothing else. Compare
/// bag-of-words prediction in dense retrieval (Ma et al. 2023, arXiv 2306.04357). A frequent token is asked for less often: one that has
/// the share f of the text counts min(1, √(0.0003 / f)), as in word2vec (Mikolov et al. 2013, section 2.3).
public struct SentenceTargets: Sendable {
    /// Tokens a sequence.
    public let count: Int
    private let acceptance: [Double]
    private let stream: RandomStream

    public static let usualCount = 4
    private static let threshold = 3e-4
    /// A sequence of frequent tokens alone is asked for one of them.
    private static let attempts = 30

    /// - Parameters:
    ///   - count: 0 asks for nothing.
    ///   - sequences: the text, or a fair part of it.
    ///   - special: tokens that are never asked for.
    public init(
        _ count: Int, in sequences: some Sequence<ArraySlice<Int32>>, vocabularySize: Int, special: Set<Int32>,
        seed: UInt64
    ) {
        self.count = count
        stream = RandomStream(seed: seed, purpose: .sentenceTargets)
        guard count > 0 else {
            acceptance = []
            return
        }
        var frequencies = [Int](repeating: 0, count: vocabularySize)
        var total = 0
        for sequence in sequences {
            for token in sequence { frequencies[Int(token)] += 1 }
            total += sequence.count
        }
        var acceptance = frequencies.map {
            min(1, (Self.threshold * Double(total) / Double(max($0, 1))).squareRoot())
        }
        for token in special where acceptance.indices.contains(Int(token)) { acceptance[Int(token)] = 0 }
        self.acceptance = acceptance
    }

    /// The targets of one visit of a sequence: a function of the seed, the visit and the sequence alone.
    ///
    /// - Parameter tokens: those to choose from. Where only special ones are left, there are no targets.
    public func targets(among tokens: [Int32], pass: UInt32, sequence: UInt64) -> [Int32] {
        guard count > 0 else { return [] }
        let candidates = tokens.filter { acceptance[Int($0)] > 0 }
        if candidates.isEmpty { return [] }
        var draws = stream.draws(pass: pass, sequence: sequence, position: 0)
        return (0..<count).map { _ in
            var token = candidates[0]
            for _ in 0..<Self.attempts {
                token = candidates[draws.integer(in: 0..<candidates.count)]
                if Double(unitInterval: draws.next()) < acceptance[Int(token)] { break }
            }
            return token
        }
    }
}
