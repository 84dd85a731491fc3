import Corpus
import Fixtures
import Models
import Random
import Storage
import SystemPackage

/// A Hugging Face folder with a tiny model of any weights and a vocabulary of letters.
struct ScorerFolder {
    let path: FilePath
    static let letters = ["a", "b", "c", "d", "e"]
    static let vocabularySize = 10

    static let encoder = EncoderConfiguration(
        vocabularySize: vocabularySize, embeddingSize: 6, hiddenSize: 8, layerCount: 2, attentionHeadCount: 2,
        intermediateSize: 12, maximumPositionCount: 12, dropout: 0.1)

    init(_ architecture: Architecture, _ parameters: ParameterArena, encoder: EncoderConfiguration = encoder) throws {
        path = try temporaryFolder()
        let tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + Self.letters
        try DurableFile.write(tokens.joined(separator: "\n") + "\n", to: path.appending("vocab.txt"))
        try ModelConfiguration(architecture: architecture, encoder: encoder)
            .write(to: path.appending(ModelConfiguration.fileName))
        try parameters.write(to: path.appending(SafetensorsFile.weightsName))
    }

    static func discriminator(seed: UInt64) throws -> (folder: ScorerFolder, parameters: ParameterArena) {
        let arena = ParameterArena(Discriminator(encoder).layout)
        arena.fillWithNoise(deviation: 0.5, seed: seed)
        return (try ScorerFolder(.electraForPreTraining, arena), arena)
    }

    static func generator(seed: UInt64) throws -> (folder: ScorerFolder, parameters: ParameterArena) {
        let arena = ParameterArena(MaskedLanguageModel(.electraForMaskedLM, encoder).layout)
        arena.fillWithNoise(deviation: 0.5, seed: seed)
        return (try ScorerFolder(.electraForMaskedLM, arena), arena)
    }

    static func sentences(seed: UInt64, count: Int) -> [String] {
        var draws = RandomStream(seed: seed, purpose: .masking).draws(pass: 0, sequence: 0, position: 0)
        return (0..<count).map { _ in
            (0..<Int.random(in: 0...9, using: &draws)).map { _ in letters.randomElement(using: &draws)! }
                .joined(separator: " ")
        }
    }
}
