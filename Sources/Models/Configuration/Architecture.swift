/// Which model a Hugging Face folder holds.
public enum Architecture: String, Sendable, CaseIterable {
    case electraForPreTraining = "ElectraForPreTraining"
    case electraForMaskedLM = "ElectraForMaskedLM"
    case bertForMaskedLM = "BertForMaskedLM"
    case robertaForMaskedLM = "RobertaForMaskedLM"
    case distilBertForMaskedLM = "DistilBertForMaskedLM"
    case electraForSequenceClassification = "ElectraForSequenceClassification"
    case bertForSequenceClassification = "BertForSequenceClassification"
    case robertaForSequenceClassification = "RobertaForSequenceClassification"
    case distilBertForSequenceClassification = "DistilBertForSequenceClassification"

    public var family: ModelFamily {
        switch self {
        case .electraForPreTraining, .electraForMaskedLM, .electraForSequenceClassification: .electra
        case .bertForMaskedLM, .bertForSequenceClassification: .bert
        case .robertaForMaskedLM, .robertaForSequenceClassification: .roberta
        case .distilBertForMaskedLM, .distilBertForSequenceClassification: .distilBert
        }
    }

    /// Whether the model puts whole texts into classes.
    public var isClassifier: Bool { rawValue.hasSuffix("ForSequenceClassification") }

    /// The classifier of a family.
    public static func classifier(of family: ModelFamily) -> Architecture {
        switch family {
        case .bert: .bertForSequenceClassification
        case .roberta: .robertaForSequenceClassification
        case .distilBert: .distilBertForSequenceClassification
        default: .electraForSequenceClassification
        }
    }
}
