import Encoder
import Kernels
import Storage
import SystemPackage

/// An encoder with a masked-language-modelling head: what the auxiliary (the generator) is.
///
/// Matches `ElectraForMaskedLM` (`modeling_electra.py`) and `BertForMaskedLM` (`modeling_bert.py`): dense, GELU, layer
/// norm, then the word embeddings as decoder, plus a bias.
public struct MaskedLanguageModel: Sendable {
    public let architecture: Architecture
    public let layout: ParameterLayout
    public let encoder: TransformerEncoder
    public let transform: LinearParameters  // [embedding, hidden]
    public let transformNorm: LayerNormParameters  // [embedding]
    public let decoderBias: Tensor  // [vocabulary]

    public var configuration: EncoderConfiguration { encoder.configuration }

    public static let architectures: [Architecture] = [.electraForMaskedLM, .bertForMaskedLM]

    /// - Precondition: `architecture` is one of ``architectures``.
    public init(_ architecture: Architecture, _ configuration: EncoderConfiguration) {
        precondition(Self.architectures.contains(architecture))
        self.architecture = architecture
        let isElectra = architecture == .electraForMaskedLM
        var layout = ParameterLayout()
        encoder = TransformerEncoder(configuration, prefix: architecture.encoderPrefix, declaredIn: &layout)
        let head = isElectra ? "generator_predictions." : "cls.predictions.transform."
        transform = LinearParameters(
            head + "dense", output: configuration.embeddingSize, input: configuration.hiddenSize, declaredIn: &layout)
        transformNorm = layout.declareLayerNorm(head + "LayerNorm", width: configuration.embeddingSize)
        decoderBias = layout.declareBias(
            [isElectra ? "generator_lm_head.bias" : "cls.predictions.bias"], width: configuration.vocabularySize)
        self.layout = layout
    }

    /// Reads model and parameters from a Hugging Face folder.
    public static func load(from folder: FilePath) throws -> (model: MaskedLanguageModel, parameters: ParameterArena) {
        let path = folder.appending(ModelConfiguration.fileName)
        let configuration = try ModelConfiguration(contentsOf: path)
        guard let architecture = configuration.architecture, architectures.contains(architecture) else {
            let expected = architectures.map(\.rawValue).joined(separator: " or ")
            throw ModelError(
                .wrongArchitecture(found: configuration.architecture?.rawValue ?? "not named", expected: expected), path
            )
        }
        let model = MaskedLanguageModel(architecture, configuration.encoder)
        let file = try SafetensorsFile(folder.appending(SafetensorsFile.weightsName))
        try file.check(model.layout)
        let parameters = ParameterArena(model.layout)
        try parameters.readAll(from: file)
        return (model, parameters)
    }
}

extension MaskedLanguageModel {
    /// Refuses a tokeniser or a length that the model cannot take.
    ///
    /// Embeddings may outnumber tokens (padding to a multiple of 64 is common); tokens may not outnumber embeddings.
    public func check(vocabularySize: Int, maxLength: Int, folder: FilePath) throws(GenerationError) {
        if vocabularySize > configuration.vocabularySize {
            throw GenerationError(
                .vocabularyMismatch(tokens: vocabularySize, embeddings: configuration.vocabularySize), folder)
        }
        if maxLength > configuration.maximumPositionCount {
            throw GenerationError(.tooLong(maxLength, limit: configuration.maximumPositionCount), folder)
        }
    }
}
