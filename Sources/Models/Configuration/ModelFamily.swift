/// A family of encoders as data: the names in its `config.json` and of its tensors, and the values that transformers takes
/// where a file is silent (`configuration_*.py`).
public struct ModelFamily: Sendable, Hashable {
    /// `model_type` in `config.json`.
    public let modelType: String
    /// The names of its encoder's tensors.
    public let encoder: EncoderNames
    let keys: ConfigurationKeys
    let defaultVocabularySize: Int
    let defaultPaddingTokenID: Int
    /// Where the family knows `embedding_size`.
    let defaultEmbeddingSize: Int?
    /// Whether a sequence's positions are counted from after the padding token's id.
    let positionsFollowPadding: Bool

    public static let bert = ModelFamily(
        modelType: "bert", encoder: .bert, keys: .standard, defaultVocabularySize: 30522, defaultPaddingTokenID: 0,
        defaultEmbeddingSize: nil, positionsFollowPadding: false)
    public static let electra = ModelFamily(
        modelType: "electra", encoder: .electra, keys: .standard, defaultVocabularySize: 30522,
        defaultPaddingTokenID: 0, defaultEmbeddingSize: 128, positionsFollowPadding: false)
    public static let roberta = ModelFamily(
        modelType: "roberta", encoder: .roberta, keys: .standard, defaultVocabularySize: 50265,
        defaultPaddingTokenID: 1, defaultEmbeddingSize: nil, positionsFollowPadding: true)
    public static let distilBert = ModelFamily(
        modelType: "distilbert", encoder: .distilBert, keys: .distilBert, defaultVocabularySize: 30522,
        defaultPaddingTokenID: 0, defaultEmbeddingSize: nil, positionsFollowPadding: false)

    public static let all = [bert, electra, roberta, distilBert]
}

/// A family's names for the shape of its encoder.
struct ConfigurationKeys: Sendable, Hashable {
    let hiddenSize: String
    let layerCount: String
    let attentionHeadCount: String
    let intermediateSize: String
    let activation: String
    let hiddenDropout: String
    let attentionDropout: String
    let classifierDropout: String
    /// The dropout of a classification head where the file is silent; `nil`: that of the hidden states.
    let defaultClassifierDropout: Float?
    /// `nil`: always 1e-12.
    let layerNormEpsilon: String?
    /// `nil`: the family has no token types.
    let tokenTypeCount: String?

    static let standard = ConfigurationKeys(
        hiddenSize: "hidden_size", layerCount: "num_hidden_layers", attentionHeadCount: "num_attention_heads",
        intermediateSize: "intermediate_size", activation: "hidden_act", hiddenDropout: "hidden_dropout_prob",
        attentionDropout: "attention_probs_dropout_prob", classifierDropout: "classifier_dropout",
        defaultClassifierDropout: nil, layerNormEpsilon: "layer_norm_eps",
        tokenTypeCount: "type_vocab_size")
    static let distilBert = ConfigurationKeys(
        hiddenSize: "dim", layerCount: "n_layers", attentionHeadCount: "n_heads", intermediateSize: "hidden_dim",
        activation: "activation", hiddenDropout: "dropout", attentionDropout: "attention_dropout",
        classifierDropout: "seq_classif_dropout", defaultClassifierDropout: 0.2,
        layerNormEpsilon: nil, tokenTypeCount: nil)
}
