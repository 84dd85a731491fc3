/// The shape of a BERT or ELECTRA encoder, under the names of Hugging Face's `config.json`.
///
/// Matches `ElectraConfig` (`configuration_electra.py`), of which BERT is the case embedding size = hidden size.
public struct EncoderConfiguration: Sendable, Hashable {
    public var vocabularySize: Int
    public var embeddingSize: Int
    public var hiddenSize: Int
    public var layerCount: Int
    public var attentionHeadCount: Int
    /// Width of the feed-forward block.
    public var intermediateSize: Int
    public var maximumPositionCount: Int
    public var tokenTypeCount: Int
    public var hiddenDropout: Float
    public var attentionDropout: Float
    public var initializerRange: Float
    public var layerNormEpsilon: Float
    public var paddingTokenID: Int

    public init(
        vocabularySize: Int, embeddingSize: Int, hiddenSize: Int, layerCount: Int, attentionHeadCount: Int,
        intermediateSize: Int, maximumPositionCount: Int = 512, tokenTypeCount: Int = 2, dropout: Float = 0.1,
        initializerRange: Float = 0.02, layerNormEpsilon: Float = 1e-12, paddingTokenID: Int = 0
    ) {
        self.vocabularySize = vocabularySize
        self.embeddingSize = embeddingSize
        self.hiddenSize = hiddenSize
        self.layerCount = layerCount
        self.attentionHeadCount = attentionHeadCount
        self.intermediateSize = intermediateSize
        self.maximumPositionCount = maximumPositionCount
        self.tokenTypeCount = tokenTypeCount
        hiddenDropout = dropout
        attentionDropout = dropout
        self.initializerRange = initializerRange
        self.layerNormEpsilon = layerNormEpsilon
        self.paddingTokenID = paddingTokenID
    }

    public var headSize: Int { hiddenSize / attentionHeadCount }

    /// Whether embeddings are projected to the hidden size (`embeddings_project`).
    public var projectsEmbeddings: Bool { embeddingSize != hiddenSize }
}

extension EncoderConfiguration: CustomStringConvertible {
    /// The shape in one line.
    public var description: String {
        "\(layerCount)x\(hiddenSize), \(attentionHeadCount) heads, \(intermediateSize) intermediate, \(embeddingSize) embedding,"
            + " \(vocabularySize) tokens, \(maximumPositionCount) positions, dropout \(hiddenDropout) and \(attentionDropout)"
    }
}
