import Kernels

/// An architecture's names for its masked-language-modeling head, and the differences to other heads.
struct PredictionHead {
    let dense: String
    let norm: String
    let decoderWeight: String
    let decoderBias: String
    /// `nil`: the encoder's.
    let activation: Activation?

    /// `nil` where the architecture has none.
    init?(_ architecture: Architecture) {
        switch architecture {
        case .electraForPreTraining, .electraForSequenceClassification, .bertForSequenceClassification,
            .robertaForSequenceClassification, .distilBertForSequenceClassification:
            return nil
        case .electraForMaskedLM:  // ElectraGeneratorPredictions
            (dense, norm) = ("generator_predictions.dense", "generator_predictions.LayerNorm")
            (decoderWeight, decoderBias) = ("generator_lm_head.weight", "generator_lm_head.bias")
            activation = .gelu
        case .bertForMaskedLM:  // BertPredictionHeadTransform
            (dense, norm) = ("cls.predictions.transform.dense", "cls.predictions.transform.LayerNorm")
            (decoderWeight, decoderBias) = ("cls.predictions.decoder.weight", "cls.predictions.bias")
            activation = nil
        case .robertaForMaskedLM:  // RobertaLMHead
            (dense, norm) = ("lm_head.dense", "lm_head.layer_norm")
            (decoderWeight, decoderBias) = ("lm_head.decoder.weight", "lm_head.bias")
            activation = .gelu
        case .distilBertForMaskedLM:
            (dense, norm) = ("vocab_transform", "vocab_layer_norm")
            (decoderWeight, decoderBias) = ("vocab_projector.weight", "vocab_projector.bias")
            activation = nil
        }
    }
}
