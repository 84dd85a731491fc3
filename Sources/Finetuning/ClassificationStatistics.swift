import Training

/// How well texts are put into classes, as sums over texts.
public struct ClassificationStatistics: StepStatistics, Hashable {
    /// Cross-entropies, in nats.
    public private(set) var lossSum = 0.0
    public private(set) var tokenCount = 0
    public private(set) var confusion: ConfusionMatrix

    public init() {
        self.init(labelCount: 0)
    }

    init(labelCount: Int) {
        confusion = ConfusionMatrix(labelCount: labelCount)
    }

    mutating func add(loss: Double, label: Int, guess: Int, tokens: Int) {
        lossSum += loss
        tokenCount += tokens
        confusion.add(label: label, guess: guess)
    }

    public mutating func add(_ other: ClassificationStatistics) {
        lossSum += other.lossSum
        tokenCount += other.tokenCount
        confusion.add(other.confusion)
    }

    /// Cross-entropy a text, in nats.
    public var meanLoss: Double { confusion.total > 0 ? lossSum / Double(confusion.total) : 0 }

    public var record: MetricsRecord { [.loss: meanLoss, .accuracy: confusion.accuracy] }
}
