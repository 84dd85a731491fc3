/// Which model a Hugging Face folder holds.
public enum Architecture: String, Sendable, CaseIterable {
    case electraForPreTraining = "ElectraForPreTraining"
    case electraForMaskedLM = "ElectraForMaskedLM"
    case bertForMaskedLM = "BertForMaskedLM"
    case robertaForMaskedLM = "RobertaForMaskedLM"
    case distilBertForMaskedLM = "DistilBertForMaskedLM"

    public var family: ModelFamily {
        switch self {
        case .electraForPreTraining, .electraForMaskedLM: .electra
        case .bertForMaskedLM: .bert
        case .robertaForMaskedLM: .roberta
        case .distilBertForMaskedLM: .distilBert
        }
    }
}
