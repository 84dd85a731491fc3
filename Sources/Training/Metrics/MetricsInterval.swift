/// What happened since the last line of the log. Saved with checkpoints, so that a run that continues logs what it would
/// have logged.
struct MetricsInterval<Statistics: StepStatistics>: Codable {
    private var statistics = Statistics()
    private var seconds = 0.0
    private var waitSeconds = 0.0
    private var tokensBySource: [String: Int] = [:]

    /// `nil` where there was one process.
    private var communicationSeconds: Double?

    /// - Parameters:
    ///   - waitSeconds: the part of `seconds` in which there was no data to compute with.
    ///   - communicationSeconds: the part that other ranks took; `nil` where there are none.
    mutating func add(
        _ step: Statistics, tokensBySource: [String: Int] = [:], seconds: Double, waitSeconds: Double,
        communicationSeconds: Double?
    ) {
        statistics.add(step)
        self.tokensBySource.merge(tokensBySource, uniquingKeysWith: +)
        self.seconds += seconds
        self.waitSeconds += waitSeconds
        if let communicationSeconds {
            self.communicationSeconds = (self.communicationSeconds ?? 0) + communicationSeconds
        }
    }

    var record: MetricsRecord {
        let speed: MetricsRecord = [
            .tokensPerSecond: seconds > 0 ? Double(statistics.tokenCount) / seconds : 0,
            .dataWait: seconds > 0 ? waitSeconds / seconds : 0,
        ]
        let record = statistics.record.merging(speed)
            .merging(MetricsRecord(tokensBySource.mapValues(Double.init), of: .tokens))
        guard let communicationSeconds else { return record }
        return record.merging([.communication: seconds > 0 ? communicationSeconds / seconds : 0])
    }
}
