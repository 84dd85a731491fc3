import Distillation
import Format
import Foundation
import Random

/// Rows of logits with the shapes that generators have.
enum SampleLogits: CaseIterable, Sendable {
    /// Log-probabilities of a Zipf law with some noise, over ids in random order.
    case zipf
    /// One token far ahead, a long tail behind.
    case peaked
    /// Nearly the same everywhere, with many exact ties.
    case flat

    func row(_ vocabularySize: Int, seed: UInt64) -> [Float] {
        var random = RandomStream(seed: seed, purpose: .initialization).draws(pass: 0, sequence: 0, position: 0)
        let ranks = (1...vocabularySize).shuffled(using: &random)
        return ranks.map { rank in
            let noise = Double.random(in: -1...1, using: &random)
            switch self {
            case .zipf: return Float(-1.2 * log(Double(rank)) + noise)
            case .peaked: return Float(rank == 1 ? 5 : -1.0 * log(Double(rank)) + noise - 2)
            case .flat: return Float((noise * 2).rounded() / 4)
            }
        }
    }
}

/// - Parameter candidates: The least and the most of a position; V leaves no tail.
func sampleHeader(
    _ vocabularySize: Int, candidates: ClosedRange<Int>, visits: Int, seed: UInt64 = 11,
    range: TemperatureRange = TemperatureRange(from: 1, to: 2)
) throws -> ShardHeader {
    try ShardHeader(
        vocabularySize: vocabularySize, vocabularySHA256: String(repeating: "0", count: 64),
        generatorSHA256: String(repeating: "0", count: 64),
        specialTokens: SpecialTokens(padding: 0, classification: 1, separator: 2, mask: 3), maximumLength: 8,
        maskProbability: 0.15, seed: seed, keeping: candidates, visits: visits, over: range, blockSize: 1024)
}
