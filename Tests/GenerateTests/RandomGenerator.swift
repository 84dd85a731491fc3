import Corpus
import Fixtures
import Format
import Generate
import Models
import Random
import SystemPackage

/// A tiny masked language model of random weights, and sequences for it.
struct RandomGenerator {
    let model: MaskedLanguageModel
    let parameters: ParameterArena
    let masking = Masking(probability: 0.2, maskToken: 4, specialTokens: [0, 1, 2, 3, 4])

    static let vocabularySize = 90
    static let maximumLength = 20

    init() {
        let configuration = EncoderConfiguration(
            vocabularySize: Self.vocabularySize, embeddingSize: 12, hiddenSize: 24, layerCount: 2,
            attentionHeadCount: 2, intermediateSize: 40, maximumPositionCount: 24, initializerRange: 0.3)
        model = MaskedLanguageModel(.electraForMaskedLM, configuration)
        parameters = ParameterArena(model.layout)
        parameters.initialize(standardDeviation: 0.3, seed: 1)
    }

    func header(candidates: Int = 8, visits: Int = 2, blockSize: Int = 4) -> ShardHeader {
        ShardHeader(
            vocabularySize: Self.vocabularySize, vocabularySHA256: String(repeating: "1", count: 64),
            generatorSHA256: String(repeating: "2", count: 64),
            specialTokens: SpecialTokens(padding: 0, classification: 2, separator: 3, mask: 4),
            maximumLength: Self.maximumLength, maskProbability: 0.2, seed: 77, candidates: candidates...candidates,
            visitCount: visits, temperatureRange: TemperatureRange(from: 1, to: 2),
            tailNodes: [1, 1.125, 1.25, 1.5, 1.75, 2],
            changeParts: 2048, deviation: 0.01, blockSize: blockSize)
    }

    /// Sequences of 3 to 20 tokens.
    struct Source: SequenceSource {
        let count: Int
        private var made = 0
        private var draws: RandomStream.Draws

        init(count: Int, seed: UInt64 = 5) {
            self.count = count
            draws = RandomStream(seed: seed, purpose: .shuffle).draws(pass: 0, sequence: 0, position: 0)
        }

        mutating func next() -> TokenSequence? {
            guard made < count else { return nil }
            made += 1
            let length = Int.random(in: 1...maximumLength - 2, using: &draws)
            return TokenSequence(
                [2] + (0..<length).map { _ in Int32.random(in: 5..<90, using: &draws) } + [3],
                secondSegment: made % 2 == 0 ? 1 + length / 2 : 0)
        }

        var progress: (done: Int, total: Int) { (made, count) }
        var position: SequencePosition? { nil }
        var textCounts: TextCounts? { nil }
    }
}
