import Random

/// Which positions of a sequence are masked.
///
/// A fixed share of a sequence's ordinary tokens, at least one, drawn without replacement; special tokens and `[UNK]` never.
/// Every chosen position shows `[MASK]` to the generator. google-research/electra differs (`docs/design.md`).
public struct Masking: Sendable, Hashable {
    public let probability: Double
    public let maskToken: Int32
    /// Never masked.
    public let specialTokens: Set<Int32>

    public init(probability: Double, maskToken: Int32, specialTokens: Set<Int32>) {
        precondition(probability > 0 && probability <= 1)
        self.probability = probability
        self.maskToken = maskToken
        self.specialTokens = specialTokens
    }

    /// Whether a sequence has a token that can be masked.
    public func canMask(_ tokens: [Int32]) -> Bool { !tokens.allSatisfy(specialTokens.contains) }

    /// The masked positions of a sequence, ascending: a function of the stream, `pass` and `sequence` alone.
    public func positions(in tokens: [Int32], stream: RandomStream, pass: UInt32, sequence: UInt64) -> [Int32] {
        var candidates = tokens.indices.filter { !specialTokens.contains(tokens[$0]) }
        if candidates.isEmpty { return [] }
        let count = min(candidates.count, max(1, Int((Double(candidates.count) * probability).rounded())))
        var draws = stream.draws(pass: pass, sequence: sequence, position: 0)
        // The first `count` steps of a Fisher-Yates shuffle.
        for index in 0..<count {
            candidates.swapAt(index, draws.integer(in: index..<candidates.count))
        }
        return candidates.prefix(count).sorted().map(Int32.init)
    }

    /// The input of the generator: `tokens` with the mask token at `positions`.
    public func masked(_ tokens: [Int32], at positions: [Int32]) -> [Int32] {
        var masked = tokens
        for position in positions { masked[Int(position)] = maskToken }
        return masked
    }
}
