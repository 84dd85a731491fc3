import Kernels
import SystemPackage

/// The shape of a BERT-like encoder, under the names of Hugging Face's `config.json`.
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
    /// Rows of the position table.
    public var maximumPositionCount: Int
    /// The row of a sequence's first token. RoBERTa's positions begin after its padding token's id.
    public var firstPosition = 0
    /// 0: the family has none.
    public var tokenTypeCount: Int
    public var activation = Activation.gelu
    public var hiddenDropout: Float
    public var attentionDropout: Float
    /// The probability of dropout in a classification head; 0 where there is none.
    public var classifierDropout: Float = 0
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

    /// Tokens of the longest sequence that there are positions for.
    public var maximumSequenceLength: Int { maximumPositionCount - firstPosition }

    public var headSize: Int { hiddenSize / attentionHeadCount }

    /// Whether embeddings are projected to the hidden size (`embeddings_project`).
    public var projectsEmbeddings: Bool { embeddingSize != hiddenSize }

    /// The same shape as an ELECTRA has it: positions from 0, and token types.
    public var asElectra: EncoderConfiguration {
        var configuration = self
        configuration.firstPosition = 0
        configuration.maximumPositionCount = maximumSequenceLength
        if tokenTypeCount == 0 { configuration.tokenTypeCount = 2 }
        return configuration
    }

    /// Refuses a tokenizer that has more tokens than the model has embeddings.
    public func checkEmbeddings(ofTokens count: Int, folder: FilePath) throws(ModelError) {
        if count > vocabularySize {
            throw ModelError(.vocabularyTooLarge(tokens: count, embeddings: vocabularySize), folder)
        }
    }
}

extension EncoderConfiguration: CustomStringConvertible {
    /// The shape in one line, with the other settings that decide the encoder's results, where they are not as usual.
    public var description: String {
        "\(layerCount)x\(hiddenSize), \(attentionHeadCount) heads, \(intermediateSize) intermediate, \(embeddingSize) embedding,"
            + " \(vocabularySize) tokens, \(maximumPositionCount) positions, dropout \(hiddenDropout) and \(attentionDropout)"
            + (activation == .gelu ? "" : ", \(activation.name)")
            + (layerNormEpsilon == 1e-12 ? "" : ", layer_norm_eps \(layerNormEpsilon)")
            + (initializerRange == 0.02 ? "" : ", initializer_range \(initializerRange)")
            + (tokenTypeCount == 2 ? "" : ", type_vocab_size \(tokenTypeCount)")
    }
}
