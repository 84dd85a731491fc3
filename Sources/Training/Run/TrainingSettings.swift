import Models

/// How a model is trained, whatever it is trained for.
public struct TrainingSettings: Sendable {
    public var encoder: EncoderConfiguration
    /// Updates in all.
    public var steps: Int
    /// Sequences an update.
    public var batchSize: Int
    /// The peak of the schedule.
    public var learningRate: Float
    public var warmup = Warmup.share(0.1)
    public var scheduleShape = LearningRateSchedule.Shape.linear
    public var optimizer = AdamW.Configuration()
    /// A gradient whose norm is greater is scaled down to it; infinite where none is.
    public var gradientNormLimit = usualGradientNormLimit
    public var start = StartingPoint.corpus
    public var seed: UInt64
    /// Tokens of its own sequence that `[CLS]` is asked for; 0 asks for nothing.
    public var sentenceTargetCount = SentenceTargets.usualCount
    public var threads: Int
    /// Parts of a batch whose sums are added in a fixed order: a power of two. Decides how sums round, which ``threads`` does not.
    public var lanes = usualLanes
    /// Steps between two lines of the log.
    public var logInterval = 10
    /// Steps between two checkpoints.
    public var checkpointInterval = 1000
    /// Checkpoints that stay, the newest; the best one stays besides.
    public var keptCheckpoints = 2

    public static let usualLanes = 8
    /// ELECTRA's.
    public static let usualGradientNormLimit = 1.0

    public init(
        encoder: EncoderConfiguration, steps: Int, batchSize: Int, learningRate: Float, seed: UInt64, threads: Int
    ) {
        self.encoder = encoder
        self.steps = steps
        self.batchSize = batchSize
        self.learningRate = learningRate
        self.seed = seed
        self.threads = threads
    }

    var schedule: LearningRateSchedule {
        LearningRateSchedule(
            peak: learningRate, warmupSteps: warmup.steps(of: steps), totalSteps: steps, shape: scheduleShape)
    }
}
