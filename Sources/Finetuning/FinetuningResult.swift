/// The results of classifiers from an encoder, and from random parameters.
public struct FinetuningResult: Codable, Sendable {
    /// A learning rate and how it did on the examples that were held back.
    public struct Candidate: Codable, Sendable {
        public let learningRate: Float
        /// The mean of the chosen metric; `nil` where a run diverged.
        public let value: Double?
        /// Mean cross-entropy of these examples, in nats.
        public let loss: Double

        init(_ learningRate: Float, _ records: [ClassifierRecord], metric: ClassificationMetric) {
            self.learningRate = learningRate
            let diverged = records.contains { $0.divergedAtStep != nil }
            let values = records.compactMap { metric.value(of: $0.confusion) }
            value = diverged ? nil : MeanInterval(values).mean
            loss = MeanInterval(records.map(\.measuredLoss)).mean
        }

        /// The one with the highest value; of equals the one with the lowest loss.
        static func best(of candidates: [Candidate]) -> Candidate? {
            candidates.max { first, second in
                let (a, b) = (first.value ?? -.infinity, second.value ?? -.infinity)
                return a == b ? first.loss > second.loss : a < b
            }
        }
    }

    /// All metrics of some classifiers, or of differences between them.
    public struct Measures: Codable, Sendable {
        public let accuracy: MeanInterval
        /// Of two labels.
        public let matthews: MeanInterval?
        public let macroF1: MeanInterval

        init(_ values: (ClassificationMetric) -> [Double]?) {
            accuracy = MeanInterval(values(.accuracy) ?? [])
            matthews = values(.matthews).map { MeanInterval($0) }
            macroF1 = MeanInterval(values(.macroF1) ?? [])
        }

        public func value(of metric: ClassificationMetric) -> MeanInterval? {
            switch metric {
            case .accuracy: accuracy
            case .matthews: matthews
            case .macroF1: macroF1
            }
        }
    }

    /// The classifiers of one start.
    public struct Start: Codable, Sendable {
        public let start: ClassifierStart
        public let learningRate: Float
        public let candidates: [Candidate]
        public let seeds: [UInt64]
        public let measures: Measures
        public let loss: MeanInterval
        /// Seeds whose training broke off because a loss or a gradient was not finite.
        public let divergedSeeds: [UInt64]
        public let tokensPerSecond: Double

        init(
            _ start: ClassifierStart, learningRate: Float, candidates: [Candidate], _ records: [ClassifierRecord]
        ) {
            self.start = start
            self.learningRate = learningRate
            self.candidates = candidates
            seeds = records.map(\.run.seed)
            measures = Measures { metric in
                let values = records.compactMap { metric.value(of: $0.confusion) }
                return values.isEmpty ? nil : values
            }
            loss = MeanInterval(records.map(\.measuredLoss))
            divergedSeeds = records.filter { $0.divergedAtStep != nil }.map(\.run.seed)
            let seconds = records.reduce(0) { $0 + $1.seconds }
            tokensPerSecond = seconds > 0 ? records.reduce(0) { $0 + Double($1.tokens) } / seconds : 0
        }
    }

    public let starts: [Start]
    /// The encoder's value minus that from random parameters, seed by seed: both saw the same examples in the same order, and
    /// began with the same head unless the folder has one. `nil` without a baseline.
    public let difference: Measures?
    /// False where all had been done before.
    public let didWork: Bool

    init(_ starts: [Start], didWork: Bool) {
        self.starts = starts
        self.didWork = didWork
        difference =
            starts.count < 2
            ? nil
            : Measures { metric in
                guard let encoder = starts[0].measures.value(of: metric),
                    let scratch = starts[1].measures.value(of: metric)
                else { return nil }
                return zip(encoder.values, scratch.values).map { $0 - $1 }
            }
    }
}
