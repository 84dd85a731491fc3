/// The parameters of an encoder, declared under Hugging Face's names.
public struct EncoderParameters: Sendable, Hashable {
    public let wordEmbeddings: Tensor  // [vocabulary, embedding]
    public let positionEmbeddings: Tensor  // [positions, embedding]
    public let tokenTypeEmbeddings: Tensor?  // [types, embedding], where the family has them
    public let embeddingNorm: LayerNormParameters  // [embedding]
    public let projection: LinearParameters?  // [hidden, embedding], where the sizes differ
    public let layers: [LayerParameters]

    public init(
        _ configuration: EncoderConfiguration, named names: EncoderNames, declaredIn layout: inout ParameterLayout
    ) {
        let embeddings = names.prefix + "embeddings."
        let width = configuration.embeddingSize
        // A preset's padding token may lie beyond the vocabulary it is used with.
        let padding = configuration.paddingTokenID
        wordEmbeddings = layout.declare(
            [names.wordEmbeddings], shape: [configuration.vocabularySize, width], decays: true,
            isWordEmbeddings: true,
            initialization: .normal(rowOfZeros: padding < configuration.vocabularySize ? padding : nil))
        positionEmbeddings = layout.declareWeight(
            [embeddings + "position_embeddings.weight"], output: configuration.maximumPositionCount, input: width)
        tokenTypeEmbeddings =
            configuration.tokenTypeCount > 0
            ? layout.declareWeight(
                [embeddings + "token_type_embeddings.weight"], output: configuration.tokenTypeCount, input: width)
            : nil
        embeddingNorm = layout.declareLayerNorm(embeddings + "LayerNorm", width: width)
        projection =
            configuration.projectsEmbeddings
            ? LinearParameters(
                names.prefix + "embeddings_project", output: configuration.hiddenSize, input: width, declaredIn: &layout
            )
            : nil
        layers = (0..<configuration.layerCount).map {
            LayerParameters(configuration, named: names, index: $0, declaredIn: &layout)
        }
    }
}

/// One transformer layer.
public struct LayerParameters: Sendable, Hashable {
    /// Query, key and value: [3 · hidden, hidden]
    public let attention: LinearParameters
    public let attentionOutput: LinearParameters  // [hidden, hidden]
    public let attentionNorm: LayerNormParameters  // [hidden]
    public let intermediate: LinearParameters  // [intermediate, hidden]
    public let output: LinearParameters  // [hidden, intermediate]
    public let outputNorm: LayerNormParameters  // [hidden]

    init(
        _ configuration: EncoderConfiguration, named names: EncoderNames, index: Int,
        declaredIn layout: inout ParameterLayout
    ) {
        let prefix = "\(names.prefix)\(names.layers).\(index)."
        let (hidden, intermediate) = (configuration.hiddenSize, configuration.intermediateSize)
        attention = LinearParameters(
            [names.query, names.key, names.value].map { prefix + $0 }, output: hidden, input: hidden,
            declaredIn: &layout)
        attentionOutput = LinearParameters(
            prefix + names.attentionOutput, output: hidden, input: hidden, declaredIn: &layout)
        attentionNorm = layout.declareLayerNorm(prefix + names.attentionNorm, width: hidden)
        self.intermediate = LinearParameters(
            prefix + names.intermediate, output: intermediate, input: hidden, declaredIn: &layout)
        output = LinearParameters(prefix + names.output, output: hidden, input: intermediate, declaredIn: &layout)
        outputNorm = layout.declareLayerNorm(prefix + names.outputNorm, width: hidden)
    }
}

/// Weight [output, input] and bias [output] of a linear layer.
public struct LinearParameters: Sendable, Hashable {
    public let weight: Tensor
    public let bias: Tensor

    public var outputSize: Int { weight.shape[0] }
    public var inputSize: Int { weight.shape[1] }

    public init(_ name: String, output: Int, input: Int, declaredIn layout: inout ParameterLayout) {
        self.init([name], output: output, input: input, declaredIn: &layout)
    }

    /// Several layers of one input, stacked: [names · output, input]
    public init(_ names: [String], output: Int, input: Int, declaredIn layout: inout ParameterLayout) {
        weight = layout.declareWeight(names.map { $0 + ".weight" }, output: output, input: input)
        bias = layout.declareBias(names.map { $0 + ".bias" }, width: output)
    }
}
