import Kernels
import Storage
import SystemPackage

/// An encoder with a masked-language-modeling head: a generator.
///
/// Every family has the same: dense, activation, layer norm, then the word embeddings as decoder, plus a bias. The
/// differences are in ``PredictionHead``.
public struct MaskedLanguageModel: Sendable {
    public let architecture: Architecture
    public let layout: ParameterLayout
    public let encoder: TransformerEncoder
    public let transform: LinearParameters  // [embedding, hidden]
    public let transformNorm: LayerNormParameters  // [embedding]
    /// The word embeddings, unless the model has a decoder of its own.
    public let decoder: Tensor  // [vocabulary, embedding]
    public let decoderBias: Tensor  // [vocabulary]
    /// The head's, not always the encoder's.
    public let activation: Activation

    public var configuration: EncoderConfiguration { encoder.configuration }

    public static let architectures = Architecture.allCases.filter { PredictionHead($0) != nil }

    /// - Precondition: `architecture` is one of ``architectures``.
    public init(_ architecture: Architecture, _ configuration: EncoderConfiguration, tiesDecoder: Bool = true) {
        var layout = ParameterLayout()
        let encoder = TransformerEncoder(configuration, named: architecture.family.encoder, declaredIn: &layout)
        self.init(architecture, on: encoder, tiesDecoder: tiesDecoder, declaredIn: &layout)
    }

    /// A head on an encoder that `layout` has already, whatever other heads it has.
    ///
    /// - Precondition: `architecture` is one of ``architectures``.
    init(
        _ architecture: Architecture, on encoder: TransformerEncoder, tiesDecoder: Bool,
        declaredIn layout: inout ParameterLayout
    ) {
        guard let head = PredictionHead(architecture) else { preconditionFailure("\(architecture) has no such head") }
        self.architecture = architecture
        self.encoder = encoder
        let configuration = encoder.configuration
        let width = configuration.embeddingSize
        transform = LinearParameters(
            head.dense, output: width, input: configuration.hiddenSize, declaredIn: &layout)
        transformNorm = layout.declareLayerNorm(head.norm, width: width)
        decoder =
            tiesDecoder
            ? encoder.parameters.wordEmbeddings
            : layout.declareWeight([head.decoderWeight], output: configuration.vocabularySize, input: width)
        decoderBias = layout.declareBias([head.decoderBias], width: configuration.vocabularySize)
        activation = head.activation ?? configuration.activation
        self.layout = layout
    }

    /// The weights that ``ParameterArena/packing(_:)`` is to lay out for prediction.
    public var weights: [Tensor] { encoder.weights + [transform.weight, decoder] }

    /// Reads model and parameters from a Hugging Face folder.
    public static func load(from folder: FilePath) throws -> (model: MaskedLanguageModel, parameters: ParameterArena) {
        let (model, weights) = try open(folder)
        let parameters = ParameterArena(model.layout)
        try parameters.readAll(from: weights)
        return (model, parameters)
    }

    /// Reads the kind of the model in a Hugging Face folder, and checks that all of its parameters are there. Their values are
    /// not read.
    public static func open(_ folder: FilePath) throws -> (model: MaskedLanguageModel, weights: ModelWeights) {
        let path = folder.appending(ModelConfiguration.fileName)
        let configuration = try ModelConfiguration(folder: folder)
        guard let architecture = configuration.architecture, let head = PredictionHead(architecture) else {
            let expected = architectures.map(\.rawValue).joined(separator: " or ")
            throw ModelError(
                .wrongArchitecture(found: configuration.architecture?.rawValue ?? "not named", expected: expected), path
            )
        }
        let weights = try ModelWeights(folder: folder)
        let model = MaskedLanguageModel(
            architecture, configuration.encoder,
            tiesDecoder: try configuration.tiesDecoder
                && !weights.holdsTwo(
                    architecture.family.encoder.wordEmbeddings, head.decoderWeight)
        )
        try weights.check(model.layout)
        return (model, weights)
    }
}
