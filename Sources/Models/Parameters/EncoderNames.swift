/// A family's names for the parts of its encoder. Each has a `.weight`, and all but the embeddings a `.bias`.
public struct EncoderNames: Sendable, Hashable {
    /// The prefix of the names where a head stands beside the encoder: `electra.`
    public let prefix: String
    let layers: String
    let query: String
    let key: String
    let value: String
    let attentionOutput: String
    let attentionNorm: String
    let intermediate: String
    let output: String
    let outputNorm: String

    /// `modeling_bert.py`, `modeling_electra.py`, `modeling_roberta.py`: one encoder.
    private init(prefix: String) {
        self.prefix = prefix
        layers = "encoder.layer"
        query = "attention.self.query"
        key = "attention.self.key"
        value = "attention.self.value"
        attentionOutput = "attention.output.dense"
        attentionNorm = "attention.output.LayerNorm"
        intermediate = "intermediate.dense"
        output = "output.dense"
        outputNorm = "output.LayerNorm"
    }

    /// `modeling_distilbert.py`
    private init(distilledPrefix prefix: String) {
        self.prefix = prefix
        layers = "transformer.layer"
        query = "attention.q_lin"
        key = "attention.k_lin"
        value = "attention.v_lin"
        attentionOutput = "attention.out_lin"
        attentionNorm = "sa_layer_norm"
        intermediate = "ffn.lin1"
        output = "ffn.lin2"
        outputNorm = "output_layer_norm"
    }

    public var wordEmbeddings: String { prefix + "embeddings.word_embeddings.weight" }

    public static let bert = EncoderNames(prefix: "bert.")
    public static let electra = EncoderNames(prefix: "electra.")
    public static let roberta = EncoderNames(prefix: "roberta.")
    public static let distilBert = EncoderNames(distilledPrefix: "distilbert.")

    static let all = [bert, electra, roberta, distilBert]
}
