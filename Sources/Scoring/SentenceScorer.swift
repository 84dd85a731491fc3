import Corpus
import Models
import Storage
import SystemPackage

/// How natural a model finds a sentence, as the logarithm of a probability: of two sentences, the model prefers the one that
/// scores higher.
///
/// - A discriminator: the sum over the tokens of log P(original), -log(1 + e^logit).
/// - A masked language model: the pseudo-log-likelihood (Salazar et al. 2020): the sum over the tokens of log P(token | all
///   others), each token masked in turn.
///
/// `[CLS]` and `[SEP]` stand around the sentence and are not counted.
public struct SentenceScorer: Sendable {
    enum Model: Sendable {
        case discriminator(Discriminator)
        case generator(MaskedLanguageModel, mask: Int32)
    }

    let model: Model
    let parameters: ParameterArena
    private let encoder: TextEncoder
    /// Tokens that go through the model at once.
    static let batchTokens = 1024

    /// Opens the model and the tokenizer of a Hugging Face folder.
    public init(folder: FilePath) throws {
        let tokenizer = try Tokenizer(folder: folder)
        let path = folder.appending(ModelConfiguration.fileName)
        let configuration = try ModelConfiguration(folder: folder)
        if configuration.architecture == .electraForPreTraining {
            let discriminator = Discriminator(configuration.encoder)
            let weights = try ModelWeights(folder: folder)
            try weights.check(discriminator.layout)
            let arena = ParameterArena(discriminator.layout)
            try arena.readAll(from: weights)
            model = .discriminator(discriminator)
            parameters = arena.packing(discriminator.encoder.weights + [discriminator.dense.weight])
        } else if let architecture = configuration.architecture,
            MaskedLanguageModel.architectures.contains(architecture)
        {
            let (generator, arena) = try MaskedLanguageModel.load(from: folder)
            model = .generator(generator, mask: tokenizer.vocabulary.special.mask)
            parameters = arena.packing(generator.weights)
        } else {
            let expected = [Architecture.electraForPreTraining] + MaskedLanguageModel.architectures
            throw ModelError(
                .wrongArchitecture(
                    found: configuration.architecture?.rawValue ?? "not named",
                    expected: expected.map(\.rawValue).joined(separator: " or ")), path)
        }
        try configuration.encoder.checkEmbeddings(ofTokens: tokenizer.vocabulary.count, folder: folder)
        encoder = TextEncoder(
            tokenizer, maxLength: max(TextEncoder.leastLength, configuration.encoder.maximumSequenceLength))
    }

    var configuration: EncoderConfiguration {
        switch model {
        case .discriminator(let discriminator): discriminator.configuration
        case .generator(let generator, _): generator.configuration
        }
    }

    public var specialTokens: SpecialTokenIDs { encoder.special }

    /// Whether the model is a discriminator; else it is a masked language model.
    public var isDiscriminator: Bool {
        if case .discriminator = model { true } else { false }
    }

    /// The ids of a sentence with `[CLS]` and `[SEP]`; `nil` where it is longer than the model takes.
    public func tokens(of sentence: String) -> [Int32]? {
        let encoded = encoder.encode(sentence)
        return encoded.isCut || encoded.tokens.count > configuration.maximumSequenceLength ? nil : encoded.tokens
    }
}
