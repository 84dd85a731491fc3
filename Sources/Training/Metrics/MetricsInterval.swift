/// What happened since the last line of the log. Saved with checkpoints, so that a run that continues logs what it would
/// have logged.
struct MetricsInterval<Statistics: StepStatistics>: Codable {
    private var statistics = Statistics()
    private var seconds = 0.0
    private var waitSeconds = 0.0
    private var tokensBySource: [String: Int] = [:]

    /// - Parameter waitSeconds: the part of `seconds` in which there was no data to compute with.
    mutating func add(
        _ step: Statistics, tokensBySource: [String: Int] = [:], seconds: Double, waitSeconds: Double
    ) {
        statistics.add(step)
        self.tokensBySource.merge(tokensBySource, uniquingKeysWith: +)
        self.seconds += seconds
        self.waitSeconds += waitSeconds
    }

    var record: MetricsRecord {
        statistics.record.merging([
            .tokensPerSecond: seconds > 0 ? Double(statistics.tokenCount) / seconds : 0,
            .dataWait: seconds > 0 ? waitSeconds / seconds : 0,
        ]).merging(MetricsRecord(tokensBySource.mapValues(Double.init), of: .tokens))
    }
}
