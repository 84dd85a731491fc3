import Models

/// The layers on the encoder in a family's `...ForSequenceClassification`: dense, a function, dropout and a linear layer to a
/// logit a label, all of the first token alone.
struct ClassificationHead: Sendable, Hashable {
    let dense: String
    let output: String
    let function: HeadFunction
    /// Whether the hidden state is dropped before the dense layer as well.
    let dropsInput: Bool

    init(_ family: ModelFamily) {
        switch family {
        case .bert:  // BertPooler and BertForSequenceClassification
            (dense, output) = ("bert.pooler.dense", "classifier")
            (function, dropsInput) = (.tanh, false)
        case .roberta:  // RobertaClassificationHead
            (dense, output) = ("classifier.dense", "classifier.out_proj")
            (function, dropsInput) = (.tanh, true)
        case .distilBert:  // DistilBertForSequenceClassification
            (dense, output) = ("pre_classifier", "classifier")
            (function, dropsInput) = (.relu, false)
        default:  // ElectraClassificationHead: always GELU, whatever hidden_act says
            (dense, output) = ("classifier.dense", "classifier.out_proj")
            (function, dropsInput) = (.gelu, true)
        }
    }
}
