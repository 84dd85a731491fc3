/// Figures of a run by their kind: a line of `metrics.jsonl`, as far as it is measured.
public struct MetricsRecord: Codable, Sendable, Hashable, ExpressibleByDictionaryLiteral {
    /// The kind of a figure. Raw values are the names in `metrics.jsonl` and in `summary.json`, and after their group in
    /// TensorBoard.
    public enum Figure: String, Sendable, CaseIterable {
        case step, loss, accuracy, precision, recall, auc, temperature, focal, epoch
        /// Trained on since the run began.
        case tokens
        /// Spent in steps since the run began.
        case seconds
        case replaceRate = "replace_rate"
        case sampledOriginalRate = "sampled_original_rate"
        case learningRate = "learning_rate"
        case gradientNorm = "gradient_norm"
        /// Cross-entropy of a token that `[CLS]` is asked for, in nats. Where it is asked.
        case sentenceLoss = "sentence_loss"
        /// The largest score since the line before (`StepOutliers`), in standard deviations.
        case lossScore = "loss_z"
        case gradientNormScore = "gradient_norm_z"
        case tokensPerSecond = "tokens_per_second"
        /// Floating-point operations of products, forward and backward (`OperationCount`).
        case operationsPerToken = "flops_per_token"
        /// The share of the rate that this machine's products reach by themselves.
        case utilization
        /// Bytes.
        case peakMemory = "peak_memory"
        /// A share of the time.
        case dataWait = "data_wait"
        /// A share of the time: moving data between ranks, and waiting for them. Where there are several.
        case communication
    }

    /// The kind of a figure about each part of the data. Raw values stand before the part's name: `tokens/en`.
    public enum PartFigure: String, Sendable {
        case tokens, epoch
    }

    /// By name. A checkpoint of another version may have other names.
    let values: [String: Double]

    init(values: [String: Double]) {
        self.values = values
    }

    public init(dictionaryLiteral figures: (Figure, Double)...) {
        values = Dictionary(figures.map { ($0.rawValue, $1) }, uniquingKeysWith: { $1 })
    }

    /// A figure of several parts of the data, by their names.
    public init(_ parts: [String: Double], of figure: PartFigure) {
        values = Dictionary(uniqueKeysWithValues: parts.map { ("\(figure.rawValue)/\($0)", $1) })
    }

    public subscript(figure: Figure) -> Double? { values[figure.rawValue] }

    public var isEmpty: Bool { values.isEmpty }

    /// Both records' figures; of a figure that both have, that of `other`.
    public func merging(_ other: MetricsRecord) -> MetricsRecord {
        MetricsRecord(values: values.merging(other.values) { $1 })
    }

    public init(from decoder: any Decoder) throws {
        values = try decoder.singleValueContainer().decode([String: Double].self)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(values)
    }
}
