import FoundationEssentials
import Storage
import SystemPackage

/// Which model a Hugging Face folder holds.
public enum Architecture: String, Sendable, Codable, CaseIterable {
    case electraForPreTraining = "ElectraForPreTraining"
    case electraForMaskedLM = "ElectraForMaskedLM"
    case bertForMaskedLM = "BertForMaskedLM"

    /// `model_type` in `config.json`.
    public var modelType: String {
        switch self {
        case .electraForPreTraining, .electraForMaskedLM: "electra"
        case .bertForMaskedLM: "bert"
        }
    }

    /// What the names of the encoder's tensors begin with.
    public var encoderPrefix: String { modelType + "." }
}

/// A Hugging Face `config.json`: an architecture and the shape of its encoder.
public struct ModelConfiguration: Sendable, Hashable {
    public static let fileName = "config.json"

    /// `nil` in a file that only gives a shape (a preset written by hand).
    public var architecture: Architecture?
    public var encoder: EncoderConfiguration

    public init(architecture: Architecture?, encoder: EncoderConfiguration) {
        self.architecture = architecture
        self.encoder = encoder
    }

    /// Reads and validates `path`.
    public init(contentsOf path: FilePath) throws {
        let bytes = try RandomAccessFile.contents(of: path)
        let file: ConfigurationFile
        do {
            file = try JSONDecoder().decode(ConfigurationFile.self, from: Data(bytes))
        } catch {
            throw ModelError(.malformedConfiguration(words(of: error)), path)
        }
        self = try file.model(at: path)
    }

    /// Writes the file that Hugging Face's `from_pretrained` reads.
    public func write(to path: FilePath) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        let json = try encoder.encode(ConfigurationFile(self))
        try DurableFile.write(Array(json) + [UInt8(ascii: "\n")], to: path)
    }
}

/// The keys of `config.json` that matter here; Hugging Face's defaults stand in for absent ones.
private struct ConfigurationFile: Codable {
    var architectures: [String]?
    var modelType: String?
    var vocabSize: Int?
    var embeddingSize: Int?
    var hiddenSize: Int
    var numHiddenLayers: Int
    var numAttentionHeads: Int
    var intermediateSize: Int
    var hiddenAct: String?
    var maxPositionEmbeddings: Int?
    var typeVocabSize: Int?
    var hiddenDropoutProb: Float?
    var attentionProbsDropoutProb: Float?
    var initializerRange: Float?
    var layerNormEps: Float?
    var padTokenId: Int?
    var positionEmbeddingType: String?

    enum CodingKeys: String, CodingKey {
        case architectures
        case modelType = "model_type"
        case vocabSize = "vocab_size"
        case embeddingSize = "embedding_size"
        case hiddenSize = "hidden_size"
        case numHiddenLayers = "num_hidden_layers"
        case numAttentionHeads = "num_attention_heads"
        case intermediateSize = "intermediate_size"
        case hiddenAct = "hidden_act"
        case maxPositionEmbeddings = "max_position_embeddings"
        case typeVocabSize = "type_vocab_size"
        case hiddenDropoutProb = "hidden_dropout_prob"
        case attentionProbsDropoutProb = "attention_probs_dropout_prob"
        case initializerRange = "initializer_range"
        case layerNormEps = "layer_norm_eps"
        case padTokenId = "pad_token_id"
        case positionEmbeddingType = "position_embedding_type"
    }

    init(_ model: ModelConfiguration) {
        let encoder = model.encoder
        architectures = model.architecture.map { [$0.rawValue] }
        modelType = model.architecture?.modelType ?? "electra"
        vocabSize = encoder.vocabularySize
        embeddingSize = encoder.embeddingSize
        hiddenSize = encoder.hiddenSize
        numHiddenLayers = encoder.layerCount
        numAttentionHeads = encoder.attentionHeadCount
        intermediateSize = encoder.intermediateSize
        hiddenAct = "gelu"
        maxPositionEmbeddings = encoder.maximumPositionCount
        typeVocabSize = encoder.tokenTypeCount
        hiddenDropoutProb = encoder.hiddenDropout
        attentionProbsDropoutProb = encoder.attentionDropout
        initializerRange = encoder.initializerRange
        layerNormEps = encoder.layerNormEpsilon
        padTokenId = encoder.paddingTokenID
        positionEmbeddingType = "absolute"
    }

    func model(at path: FilePath) throws -> ModelConfiguration {
        if let hiddenAct, hiddenAct != "gelu" {
            throw ModelError(.unsupportedOption("hidden_act", hiddenAct, supported: "gelu"), path)
        }
        if let positionEmbeddingType, positionEmbeddingType != "absolute" {
            throw ModelError(
                .unsupportedOption("position_embedding_type", positionEmbeddingType, supported: "absolute"), path)
        }
        var architecture: Architecture?
        if let name = architectures?.first {
            guard let known = Architecture(rawValue: name) else {
                let supported = Architecture.allCases.map(\.rawValue).joined(separator: ", ")
                throw ModelError(.unsupportedOption("architectures", name, supported: supported), path)
            }
            architecture = known
        }
        var encoder = EncoderConfiguration(
            vocabularySize: vocabSize ?? 30522,
            embeddingSize: embeddingSize ?? (modelType == "electra" ? 128 : hiddenSize),
            hiddenSize: hiddenSize, layerCount: numHiddenLayers, attentionHeadCount: numAttentionHeads,
            intermediateSize: intermediateSize, maximumPositionCount: maxPositionEmbeddings ?? 512,
            tokenTypeCount: typeVocabSize ?? 2, initializerRange: initializerRange ?? 0.02,
            layerNormEpsilon: layerNormEps ?? 1e-12, paddingTokenID: padTokenId ?? 0)
        encoder.hiddenDropout = hiddenDropoutProb ?? 0.1
        encoder.attentionDropout = attentionProbsDropoutProb ?? 0.1
        try encoder.validate(at: path)
        return ModelConfiguration(architecture: architecture, encoder: encoder)
    }
}

extension EncoderConfiguration {
    /// Refuses shapes that no encoder has, before anything is allocated by them.
    fileprivate func validate(at path: FilePath) throws(ModelError) {
        // An absent embedding size is taken from the hidden size, so that is judged first.
        let limits: [(name: String, value: Int, range: ClosedRange<Int>)] = [
            ("vocab_size", vocabularySize, 1...(1 << 31)),
            ("hidden_size", hiddenSize, 1...65536),
            ("embedding_size", embeddingSize, 1...65536),
            ("num_hidden_layers", layerCount, 1...1024),
            ("num_attention_heads", attentionHeadCount, 1...1024),
            ("intermediate_size", intermediateSize, 1...(1 << 20)),
            ("max_position_embeddings", maximumPositionCount, 3...(1 << 20)),
            ("type_vocab_size", tokenTypeCount, 1...1024),
            ("pad_token_id", paddingTokenID, 0...max(0, vocabularySize - 1)),
        ]
        for limit in limits where !limit.range.contains(limit.value) {
            throw ModelError(.valueOutOfRange(limit.name, "\(limit.value)", allowed: "\(limit.range)"), path)
        }
        if hiddenSize % attentionHeadCount != 0 {
            throw ModelError(
                .valueOutOfRange("hidden_size", "\(hiddenSize)", allowed: "a multiple of \(attentionHeadCount) heads"),
                path
            )
        }
        for (name, value) in [
            ("hidden_dropout_prob", hiddenDropout), ("attention_probs_dropout_prob", attentionDropout),
        ]
        where !(value >= 0 && value < 1) {
            throw ModelError(.valueOutOfRange(name, "\(value)", allowed: "0 ..< 1"), path)
        }
        if !(initializerRange > 0 && initializerRange < 100) {
            throw ModelError(.valueOutOfRange("initializer_range", "\(initializerRange)", allowed: "0 < r < 100"), path)
        }
        if !(layerNormEpsilon > 0 && layerNormEpsilon < 1) {
            throw ModelError(.valueOutOfRange("layer_norm_eps", "\(layerNormEpsilon)", allowed: "0 < e < 1"), path)
        }
    }
}
