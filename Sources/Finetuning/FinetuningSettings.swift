import Training

/// How classifiers are trained and compared.
public struct FinetuningSettings: Sendable {
    /// The learning rates to choose from.
    public var learningRates: [Float] = [1e-4, 3e-4, 1e-3]
    /// Classifiers that are trained at the chosen rate, on all examples, with seeds from ``seed`` up.
    public var seeds = 5
    /// Times through the training examples; `nil`: ``epochs(for:)``.
    public var epochs: Int?
    /// Examples an update.
    public var batchSize = 16
    /// By which the learning rate is chosen.
    public var metric = ClassificationMetric.accuracy
    /// The probability of dropout everywhere; `nil`: as the encoder's configuration says.
    public var dropout: Float?
    /// Whether the same is done from random parameters.
    public var hasBaseline = false
    public var seed: UInt64
    public var threads: Int

    public init(seed: UInt64, threads: Int) {
        self.seed = seed
        self.threads = threads
    }

    /// Few examples are gone through more often: about 40,000 visits, 3 to 20 times each.
    public func epochs(for exampleCount: Int) -> Int {
        epochs ?? min(max(Int((40_000 / Double(max(exampleCount, 1))).rounded()), 3), 20)
    }

    /// Examples that all updates see together: each as often as there are epochs.
    func visits(for exampleCount: Int) -> Int { epochs(for: exampleCount) * exampleCount }

    /// Updates for a number of examples. The last one has the rest, which may be less than a batch.
    func steps(for exampleCount: Int) -> Int { (visits(for: exampleCount) + batchSize - 1) / batchSize }

    /// Classifiers that are trained at each rate to choose between them, with the first seeds. Each holds back another part: at
    /// least two parts, and as many as ``selectionExamples`` takes.
    package static func selectionRuns(for exampleCount: Int) -> Int {
        let part = max(exampleCount / foldCount, 1)
        return min(max((selectionExamples + part - 1) / part, 2), foldCount)
    }

    /// Parts of the training examples. To choose a learning rate, a classifier is trained without one of them and measured on it.
    package static let foldCount = 5
    /// The held-back examples that each rate is measured on, if there are as many. With these, the standard error of an accuracy
    /// is at most .016.
    static let selectionExamples = 1000
    /// The updates in which the learning rate rises.
    static let warmup = Warmup.share(0.1)
    /// Parts of a batch that threads share out among themselves. Batches are small, so there are few. More threads have nothing
    /// to do.
    package static let lanes = 4
}
