import Replay
import SystemPackage
import Training

/// How a finished run went: `summary.json`.
public struct TrainingSummary: RunSummary, Sendable, Hashable {
    public struct TemperaturePoint: Codable, Sendable, Hashable {
        /// Share of the updates done.
        public let fraction: Double
        public let temperature: Double
    }

    /// Replaced token detection on held-out sequences.
    public struct Evaluation: Codable, Sendable, Hashable {
        public let temperature: Double
        public let loss: Double
        public let accuracy: Double
        /// `nil` where nothing was called replaced.
        public let precision: Double?
        public let recall: Double
        public let auc: Double
        public let replaceRate: Double
        public let tokens: Int

        init(_ statistics: DetectionStatistics, at temperature: Double) {
            self.temperature = temperature
            loss = statistics.meanLoss
            accuracy = statistics.accuracy
            precision = statistics.truePositives + statistics.falsePositives > 0 ? statistics.precision : nil
            recall = statistics.recall
            auc = statistics.areaUnderCurve
            replaceRate = statistics.replaceRate
            tokens = statistics.tokenCount
        }
    }

    /// The checkpoint that did best on the held-out sequences that are measured during training.
    public struct BestCheckpoint: Codable, Sendable, Hashable {
        public let step: Int
        /// On those sequences, at the temperature at which they are measured.
        public let loss: Double
        /// Its folder, a Hugging Face folder.
        public let path: String

        init(step: Int, loss: Double, of run: FilePath) {
            self.step = step
            self.loss = loss
            path = run.appending(CheckpointStore.name(ofStep: step)).string
        }
    }

    /// Parameters of the model.
    public let parameters: Int
    public let steps: Int
    /// Tokens trained on.
    public let tokens: Int
    /// The same by where the sequences come from; empty where that is one source.
    public let tokensBySource: [String: Int]
    public let tokensPerSecond: Double
    /// Time spent in training steps.
    public let seconds: Double
    /// The schedule, at the tenths of the run.
    public let temperatures: [TemperaturePoint]
    public let evaluations: [Evaluation]
    public private(set) var best: BestCheckpoint?
    /// The problems on the way, in the order in which they showed.
    public let health: [HealthFinding]
    /// Where the run was given more steps than it was begun with.
    public let extensions: [RunState.Extension]
    /// The last line of `metrics.jsonl`.
    public let last: MetricsRecord
    /// The Hugging Face folder.
    public private(set) var output: String

    /// Of a finished run whose folder may have been moved since.
    func located(in folder: FilePath) -> TrainingSummary {
        var summary = self
        summary.output = folder.string
        summary.best = best.map { BestCheckpoint(step: $0.step, loss: $0.loss, of: folder) }
        return summary
    }

    init(
        _ state: RunState, parameters: Int, schedule: TemperatureSchedule, evaluations: [Evaluation], folder: FilePath
    ) {
        self.parameters = parameters
        steps = state.step
        tokens = state.tokenCount
        tokensBySource = state.tokensBySource
        tokensPerSecond = state.tokensPerSecond
        seconds = state.seconds
        temperatures = (0...10).map { tenth in
            let u = Double(tenth) / 10
            return TemperaturePoint(fraction: u, temperature: schedule.temperature(at: u))
        }
        self.evaluations = evaluations
        best = state.best.map { BestCheckpoint(step: $0.step, loss: $0.loss, of: folder) }
        health = state.health.findings
        extensions = state.extensions
        last = state.lastRecord
        output = folder.string
    }
}
