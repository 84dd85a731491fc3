import Kernels
import SystemPackage

/// A Hugging Face `config.json`: an architecture and the shape of its encoder.
public struct ModelConfiguration: Sendable, Hashable {
    public static let fileName = "config.json"

    /// `nil` in a file that only gives a shape (a preset written by hand).
    public var architecture: Architecture?
    public var encoder: EncoderConfiguration
    /// `tie_word_embeddings`: whether a masked language model's decoder is its word embeddings.
    public var tiesDecoder = true
    /// The classes that a classifier tells apart: the label of each id from 0 up. Empty for all other models.
    public var labels: [String] = []
    /// Whether the tensors' names told the architecture, because the file does not.
    public private(set) var architectureIsInferred = false

    public init(architecture: Architecture?, encoder: EncoderConfiguration) {
        self.architecture = architecture
        self.encoder = encoder
    }

    /// Reads and validates `path`.
    ///
    /// - Throws: ``ModelError`` where the file is missing, or asks for an option that is not supported.
    public init(contentsOf path: FilePath) throws {
        try self.init(ConfigurationFile(contentsOf: path))
    }

    /// - Parameter inferred: the architecture, where the file names none and something else tells it.
    init(_ file: ConfigurationFile, inferred: Architecture? = nil) throws(ModelError) {
        let architecture = if let inferred { inferred as Architecture? } else { try file.architecture }
        try file.refuseUnsupportedOptions()
        self.init(architecture: architecture, encoder: try file.encoder(of: architecture?.family))
        try takeClassifier(from: file)
        tiesDecoder = try file.boolean("tie_word_embeddings") ?? true
        architectureIsInferred = inferred != nil
    }

    /// Reads the encoder of a folder, with any head on it there, as the encoder of a classifier.
    ///
    /// - Returns: the configuration of a classifier; its labels are those of the folder's model where that is a classifier,
    ///   and none otherwise.
    /// - Throws: ``ModelError`` where the family, or an option of the file, is not supported.
    public static func classifier(startingFrom folder: FilePath) throws -> ModelConfiguration {
        let file = try ConfigurationFile(contentsOf: folder.appending(fileName))
        try file.refuseUnsupportedOptions()
        // An architecture that only transformers knows (BertForPreTraining) does not matter if the family is known.
        let family: ModelFamily
        if let named = try file.family ?? file.architecture?.family {
            family = named
        } else {
            family = try Self.family(toldByTensorsOf: folder)
        }
        let architecture = Architecture.classifier(of: family)
        var configuration = ModelConfiguration(architecture: architecture, encoder: try file.encoder(of: family))
        try configuration.takeClassifier(from: file)
        if try file.strings("architectures")?.first != architecture.rawValue { configuration.labels = [] }
        return configuration
    }

    private mutating func takeClassifier(from file: ConfigurationFile) throws(ModelError) {
        guard let architecture, architecture.isClassifier else { return }
        encoder.classifierDropout = try file.classifierDropout(
            of: architecture.family, hiddenDropout: encoder.hiddenDropout)
        labels = file.labels
    }

    /// Writes the file that Hugging Face's `from_pretrained` reads, with every key that `save_pretrained` writes but the
    /// version.
    public func write(to path: FilePath) throws {
        try ConfigurationFile(self, path: path).write()
    }
}

extension ConfigurationFile {
    fileprivate var architecture: Architecture? {
        get throws(ModelError) {
            guard let name = try strings("architectures")?.first else { return nil }
            guard let known = Architecture(rawValue: name) else {
                throw unsupported("architectures", name, supported: Architecture.allCases.map(\.rawValue))
            }
            return known
        }
    }

    /// Refuses options that change the results of a model, and that are not implemented here.
    fileprivate func refuseUnsupportedOptions() throws(ModelError) {
        if let type = try string("position_embedding_type"), type != "absolute" {
            throw unsupported("position_embedding_type", type, supported: ["absolute"])
        }
        for key in ["is_decoder", "add_cross_attention"] where try boolean(key) ?? false {
            throw unsupported(key, "true", supported: ["false"])
        }
        for key in ["pruned_heads", "quantization_config"] {
            switch values[key] {
            case nil, .null, .object([:]), .strings([]): break
            default: throw unsupported(key, "set", supported: ["none"])
            }
        }
    }

    /// The family that the file names.
    fileprivate var family: ModelFamily? {
        get throws(ModelError) {
            guard let type = try string("model_type") else { return nil }
            guard let family = ModelFamily.all.first(where: { $0.modelType == type }) else {
                throw unsupported("model_type", type, supported: ModelFamily.all.map(\.modelType))
            }
            return family
        }
    }

    fileprivate func classifierDropout(of family: ModelFamily, hiddenDropout: Float) throws(ModelError) -> Float {
        let key = family.keys.classifierDropout
        let value = try float(key) ?? family.keys.defaultClassifierDropout ?? hiddenDropout
        guard value >= 0, value < 1 else {
            throw ModelError(.valueOutOfRange(key, "\(value)", allowed: "0 ..< 1"), path)
        }
        return value
    }

    /// In the order of their ids; none where the ids are not 0 up.
    fileprivate var labels: [String] {
        guard case .object(let names) = values["id2label"] else { return [] }
        var labels: [String] = []
        while case .string(let name) = names["\(labels.count)"] { labels.append(name) }
        return labels.count == names.count ? labels : []
    }

    fileprivate func encoder(of known: ModelFamily?) throws(ModelError) -> EncoderConfiguration {
        let family = if let known { known as ModelFamily? } else { try family }
        // A shape written by hand that names no family is an ELECTRA's, without a projection unless it says so.
        let defaultEmbeddingSize = family?.defaultEmbeddingSize
        let (known, keys) = (family ?? .electra, family?.keys ?? .standard)
        let hiddenSize = try requiredInteger(keys.hiddenSize)
        let hasEmbeddingSize = known.defaultEmbeddingSize != nil
        var encoder = EncoderConfiguration(
            vocabularySize: try integer("vocab_size") ?? known.defaultVocabularySize,
            embeddingSize: (hasEmbeddingSize ? try integer("embedding_size") : nil) ?? defaultEmbeddingSize
                ?? hiddenSize,
            hiddenSize: hiddenSize, layerCount: try requiredInteger(keys.layerCount),
            attentionHeadCount: try requiredInteger(keys.attentionHeadCount),
            intermediateSize: try requiredInteger(keys.intermediateSize),
            maximumPositionCount: try integer("max_position_embeddings") ?? 512,
            tokenTypeCount: try keys.tokenTypeCount.map { key throws(ModelError) in try integer(key) ?? 2 } ?? 0,
            initializerRange: try float("initializer_range") ?? 0.02,
            layerNormEpsilon: try keys.layerNormEpsilon.map { key throws(ModelError) in try float(key) ?? 1e-12 }
                ?? 1e-12,
            paddingTokenID: try integer("pad_token_id") ?? known.defaultPaddingTokenID)
        encoder.hiddenDropout = try float(keys.hiddenDropout) ?? 0.1
        encoder.attentionDropout = try float(keys.attentionDropout) ?? 0.1
        if let name = try string(keys.activation) {
            guard let activation = Activation(named: name) else {
                throw unsupported(keys.activation, name, supported: Activation.allCases.map(\.name))
            }
            encoder.activation = activation
        }
        try validate(encoder, keys)
        if known.positionsFollowPadding {
            encoder.firstPosition = encoder.paddingTokenID + 1
            guard encoder.maximumSequenceLength >= 3 else {
                throw ModelError(
                    .valueOutOfRange(
                        "max_position_embeddings", "\(encoder.maximumPositionCount)",
                        allowed: "\(encoder.firstPosition + 3) or more"), path)
            }
        }
        return encoder
    }

    private func unsupported(_ key: String, _ value: String, supported: [String]) -> ModelError {
        ModelError(.unsupportedOption(key, value, supported: supported.joined(separator: ", ")), path)
    }
}

extension ConfigurationFile {
    /// Refuses shapes that no encoder has, before anything is allocated by them.
    fileprivate func validate(_ encoder: EncoderConfiguration, _ keys: ConfigurationKeys) throws(ModelError) {
        // An absent embedding size is taken from the hidden size, so that is judged first.
        let limits: [(name: String, value: Int, range: ClosedRange<Int>)] = [
            ("vocab_size", encoder.vocabularySize, 1...(1 << 31)),
            (keys.hiddenSize, encoder.hiddenSize, 1...65536),
            ("embedding_size", encoder.embeddingSize, 1...65536),
            (keys.layerCount, encoder.layerCount, 1...1024),
            (keys.attentionHeadCount, encoder.attentionHeadCount, 1...1024),
            (keys.intermediateSize, encoder.intermediateSize, 1...(1 << 20)),
            ("max_position_embeddings", encoder.maximumPositionCount, 3...(1 << 20)),
            (keys.tokenTypeCount ?? "", encoder.tokenTypeCount, (keys.tokenTypeCount == nil ? 0 : 1)...1024),
            ("pad_token_id", encoder.paddingTokenID, 0...max(0, encoder.vocabularySize - 1)),
        ]
        for limit in limits where !limit.range.contains(limit.value) {
            throw ModelError(.valueOutOfRange(limit.name, "\(limit.value)", allowed: "\(limit.range)"), path)
        }
        if encoder.hiddenSize % encoder.attentionHeadCount != 0 {
            throw ModelError(
                .valueOutOfRange(
                    keys.hiddenSize, "\(encoder.hiddenSize)",
                    allowed: "a multiple of \(encoder.attentionHeadCount) heads"), path)
        }
        let dropouts = [(keys.hiddenDropout, encoder.hiddenDropout), (keys.attentionDropout, encoder.attentionDropout)]
        for (name, value) in dropouts where !(value >= 0 && value < 1) {
            throw ModelError(.valueOutOfRange(name, "\(value)", allowed: "0 ..< 1"), path)
        }
        if !(encoder.initializerRange > 0 && encoder.initializerRange < 100) {
            throw ModelError(
                .valueOutOfRange("initializer_range", "\(encoder.initializerRange)", allowed: "0 < r < 100"), path)
        }
        if !(encoder.layerNormEpsilon > 0 && encoder.layerNormEpsilon < 1) {
            throw ModelError(
                .valueOutOfRange("layer_norm_eps", "\(encoder.layerNormEpsilon)", allowed: "0 < e < 1"), path)
        }
    }
}

extension ConfigurationFile {
    fileprivate init(_ model: ModelConfiguration, path: FilePath) {
        let (encoder, family) = (model.encoder, model.architecture?.family ?? .electra)
        let keys = family.keys
        var values: [String: ConfigurationValue] = [
            "model_type": .string(family.modelType),
            "vocab_size": .integer(encoder.vocabularySize),
            keys.hiddenSize: .integer(encoder.hiddenSize),
            keys.layerCount: .integer(encoder.layerCount),
            keys.attentionHeadCount: .integer(encoder.attentionHeadCount),
            keys.intermediateSize: .integer(encoder.intermediateSize),
            keys.activation: .string(encoder.activation.name),
            keys.hiddenDropout: .float(encoder.hiddenDropout),
            keys.attentionDropout: .float(encoder.attentionDropout),
            "max_position_embeddings": .integer(encoder.maximumPositionCount),
            "initializer_range": .float(encoder.initializerRange),
            "pad_token_id": .integer(encoder.paddingTokenID),
            "bos_token_id": .null, "eos_token_id": .null,
            "tie_word_embeddings": .boolean(model.tiesDecoder),
        ]
        if let architecture = model.architecture { values["architectures"] = .strings([architecture.rawValue]) }
        if let key = keys.layerNormEpsilon { values[key] = .float(encoder.layerNormEpsilon) }
        if let key = keys.tokenTypeCount {
            values[key] = .integer(encoder.tokenTypeCount)
            // The other options of the families with these keys, at their defaults.
            values["add_cross_attention"] = .boolean(false)
            values["classifier_dropout"] = .null
            values["is_decoder"] = .boolean(false)
            values["use_cache"] = .boolean(true)
            values["position_embedding_type"] = .string("absolute")
        }
        if model.architecture?.isClassifier == true {
            let ids = Array(model.labels.enumerated())
            values["id2label"] = .object(Dictionary(uniqueKeysWithValues: ids.map { ("\($0)", .string($1)) }))
            values["label2id"] = .object(Dictionary(uniqueKeysWithValues: ids.map { ($1, .integer($0)) }))
            values["problem_type"] = .string("single_label_classification")
            values[keys.classifierDropout] = .float(encoder.classifierDropout)
        }
        if family == .electra {
            values["embedding_size"] = .integer(encoder.embeddingSize)
            values["summary_activation"] = .string("gelu")
            values["summary_last_dropout"] = .float(0.1)
            values["summary_type"] = .string("first")
            values["summary_use_proj"] = .boolean(true)
        }
        self.init(path: path, values: values)
    }
}
