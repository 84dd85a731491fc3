import Terminal

/// A column of a table of held-out sequences.
public enum EvaluationColumn: String, Sendable, CaseIterable {
    case loss, auc, accuracy
    /// The accuracy of one who calls every token original.
    case allCalledOriginal
    case precision, recall

    public var title: String {
        switch self {
        case .auc: "AUC"
        case .allCalledOriginal: "all called original"
        default: rawValue
        }
    }

    /// The column's text.
    ///
    /// - Parameter figures: of an evaluation, by name.
    public func cell(_ figures: [String: Double]) -> String {
        let value = self == .allCalledOriginal ? figures["replace_rate"].map { 1 - $0 } : figures[rawValue]
        return value.map { Quantity.fixed($0, 4) } ?? "-"
    }
}
