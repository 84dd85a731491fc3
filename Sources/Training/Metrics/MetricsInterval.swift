/// The measurements since the last line of the log. Saved with checkpoints, so that a run that continues logs the same
/// as without a break.
struct MetricsInterval<Statistics: StepStatistics>: Codable {
    private var statistics = Statistics()
    private var seconds = 0.0
    private var waitSeconds = 0.0
    private var tokensBySource: [String: Int] = [:]
    private var operations = 0.0
    /// The largest since the last line.
    private var scores: StepOutliers.Scores?

    /// `nil` where there was one process.
    private var communicationSeconds: Double?

    /// - Parameters:
    ///   - operations: floating-point operations of the step.
    ///   - scores: of the step; `nil` where there are none yet.
    ///   - waitSeconds: the part of `seconds` in which there was no data to compute with.
    ///   - communicationSeconds: the part that other ranks took; `nil` where there are none.
    mutating func add(
        _ step: Statistics, operations: Double, scores: StepOutliers.Scores?, tokensBySource: [String: Int] = [:],
        seconds: Double, waitSeconds: Double, communicationSeconds: Double?
    ) {
        statistics.add(step)
        self.operations += operations
        if let scores {
            let before = self.scores ?? scores
            self.scores = StepOutliers.Scores(
                loss: max(before.loss, scores.loss), gradientNorm: max(before.gradientNorm, scores.gradientNorm))
        }
        self.tokensBySource.merge(tokensBySource, uniquingKeysWith: +)
        self.seconds += seconds
        self.waitSeconds += waitSeconds
        if let communicationSeconds {
            self.communicationSeconds = (self.communicationSeconds ?? 0) + communicationSeconds
        }
    }

    /// - Parameter peakRate: floating-point operations a second that the machine can do; `nil` where nobody has measured.
    func record(besides peakRate: Double?) -> MetricsRecord {
        var record = measuredRecord
        // A run that is faster than the peak tells that others used the machine when the peak was measured.
        if let peakRate, seconds > 0, operations / seconds <= peakRate {
            record = record.merging([.utilization: operations / seconds / peakRate])
        }
        if let bytes = PeakMemory.byteCount { record = record.merging([.peakMemory: Double(bytes)]) }
        return record
    }

    private var measuredRecord: MetricsRecord {
        let speed: MetricsRecord = [
            .operationsPerToken: operations / Double(max(statistics.tokenCount, 1)),
            .tokensPerSecond: seconds > 0 ? Double(statistics.tokenCount) / seconds : 0,
            .dataWait: seconds > 0 ? waitSeconds / seconds : 0,
        ]
        var record = statistics.record.merging(speed)
            .merging(MetricsRecord(tokensBySource.mapValues(Double.init), of: .tokens))
        if let scores {
            record = record.merging([.lossScore: scores.loss, .gradientNormScore: scores.gradientNorm])
        }
        guard let communicationSeconds else { return record }
        return record.merging([.communication: seconds > 0 ? communicationSeconds / seconds : 0])
    }
}
