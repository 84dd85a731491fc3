import FoundationEssentials

/// `trainer_state.json`: all that a run needs to continue, besides parameters and the optimizer's moments. The place in the
/// data follows from the step.
struct TrainerState<Statistics: StepStatistics, Monitor: HealthMonitor>: Codable {
    var run: RunState
    var interval = MetricsInterval<Statistics>()
    var monitor: Monitor
    var outliers = StepOutliers()
    /// Bytes of `metrics.jsonl` that belong to the steps done.
    var logByteCount: Int64 = 0

    init(run: RunState, monitor: Monitor) {
        self.run = run
        self.monitor = monitor
    }

    func encoded() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(self)) + [UInt8(ascii: "\n")]
    }
}
