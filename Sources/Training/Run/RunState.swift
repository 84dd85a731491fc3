/// The progress of a run, and its results so far.
public struct RunState: Codable, Sendable, Hashable {
    /// More steps than the run was begun with.
    public struct Extension: Codable, Sendable, Hashable {
        /// Steps that were made under the former schedules.
        public let afterStep: Int
        public let steps: Int
    }

    /// The checkpoint that did best on held-out data.
    public struct Best: Codable, Sendable, Hashable {
        public let step: Int
        /// Mean loss on the sequences that are measured during training.
        public let loss: Double
    }

    /// Updates done.
    public var step = 0
    /// Updates that the run is to make. Its schedules are stretched over them.
    public var totalSteps: Int
    public var extensions: [Extension] = []
    /// Tokens that went through the model.
    public var tokenCount = 0
    /// The same by where the sequences come from, where that is more than one source.
    public var tokensBySource: [String: Int] = [:]
    /// Time spent in steps, in seconds, over all sessions of the run.
    public var seconds = 0.0
    /// The last line of the log.
    public var lastRecord: MetricsRecord = [:]
    /// The step of the last evaluation.
    public var evaluatedStep = 0
    public var best: Best?
    public var health = HealthRecord()

    public init(totalSteps: Int) {
        self.totalSteps = totalSteps
    }

    /// Whether its numbers can be counted on without overflow.
    var isPlausible: Bool {
        step >= 0 && step <= totalSteps && totalSteps <= Int(Int32.max) && (0...1 << 60).contains(tokenCount)
            && tokensBySource.values.allSatisfy((0...1 << 60).contains)
    }

    public var tokensPerSecond: Double { seconds > 0 ? Double(tokenCount) / seconds : 0 }
}
