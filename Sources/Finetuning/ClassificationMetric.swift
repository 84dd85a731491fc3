/// The metric that a classifier is judged by.
public enum ClassificationMetric: String, Codable, Sendable, CaseIterable {
    case accuracy
    /// For two labels.
    case matthews
    case macroF1 = "macro-f1"

    /// `nil` where the metric is not defined for so many labels.
    public func value(of confusion: ConfusionMatrix) -> Double? {
        switch self {
        case .accuracy: confusion.accuracy
        case .matthews: confusion.matthewsCorrelation
        case .macroF1: confusion.macroF1
        }
    }
}
