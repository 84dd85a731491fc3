import Encoder
import Format
import Kernels
import Optimization
import Storage
import SystemPackage

/// Trains a discriminator from shards: no generator is loaded, linked or run.
public struct ReplayTrainer: Sendable {
    public struct Settings: Sendable {
        public var encoder: EncoderConfiguration
        public var steps: Int
        public var batchSize: Int
        public var learningRate: Float
        /// Share of the steps in which the learning rate rises.
        public var warmupShare = 0.1
        public var temperature = TemperatureSchedule.standard
        public var start = StartingPoint.local
        /// A Hugging Face folder whose parameters replace those of `start` where names agree.
        public var initialModel: FilePath?
        public var seed: UInt64
        public var threads: Int
        public var logInterval = 10
        public var checkpointInterval = 1000

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
    }

    public enum Progress: Sendable {
        case training(TrainingProgress)
        /// Sequences measured of all held-out ones, at one temperature.
        case evaluating(sequences: Int, of: Int, temperature: Double)
    }

    public let settings: Settings
    public let dataset: Dataset
    public let heldOut: Dataset?
    /// The run's folder, a Hugging Face folder when it is done.
    public let folder: FilePath

    public init(_ settings: Settings, dataset: Dataset, heldOut: Dataset?, folder: FilePath) {
        self.settings = settings
        self.dataset = dataset
        self.heldOut = heldOut
        self.folder = folder
    }

    /// Trains to the last step and evaluates, or goes on where it was interrupted.
    ///
    /// - Parameter parameters: what decides the result, by the names the person knows; a run goes on only with the same.
    /// - Returns: the summary, and whether there was anything left to do.
    /// - Throws: `CancellationError` if interrupted, after the work was saved.
    public func train(
        parameters: RunParameters, progress: (Progress) -> Void, isInterrupted: () -> Bool
    ) throws -> (summary: TrainingSummary, didWork: Bool) {
        try check()
        try Folder(folder).create()
        let lock = try FolderLock(folder)
        defer { lock.release() }
        try parameters.bind(to: folder)
        let discriminator = Discriminator(settings.encoder)
        let model = ModelConfiguration(architecture: .electraForPreTraining, encoder: settings.encoder)
        let store = CheckpointStore(folder, model: model, tokenizer: dataset.folder)
        let before = try store.newestState()
        if let before, before.step >= settings.steps, let summary = try TrainingSummary.read(from: folder),
            summary.steps == before.step
        {
            return (summary, false)
        }
        let arena = ParameterArena(discriminator.layout)
        arena.initialize(discriminator.encoder, from: settings.start, seed: settings.seed)
        if before == nil, let folder = settings.initialModel {
            try arena.readShared(from: folder, for: settings.encoder)
        }
        let steps = DataParallelStep(
            DetectionObjective(discriminator), parameters: arena, threads: settings.threads,
            longestSequence: longestSequence, seed: settings.seed)
        let source = ReplaySource(dataset, seed: settings.seed)
        let state = try TrainingRun(steps, store: store, pace: pace).train(
            on: { step in
                let temperature = settings.temperature.temperature(at: Double(step) / Double(settings.steps))
                let first = UInt64(step) * UInt64(settings.batchSize)
                let (examples, counts) = try source.sequences(
                    from: first, count: settings.batchSize, temperature: temperature)
                return StepInput(
                    examples: examples,
                    record: [
                        "temperature": temperature, "epoch": Double(first) / Double(dataset.entryCount),
                        "sampled_original_rate": Double(counts.sampledOriginal) / Double(max(counts.masked, 1)),
                    ])
            }, progress: { progress(.training($0)) }, isInterrupted: isInterrupted)
        if state.step < settings.steps { throw CancellationError() }

        let evaluations = try evaluate(steps, progress: progress, isInterrupted: isInterrupted)
        let summary = TrainingSummary(
            parameters: discriminator.layout.parameterCount, steps: state.step, tokens: state.tokenCount,
            tokensPerSecond: state.tokensPerSecond, seconds: state.seconds,
            temperatures: (0...10).map { tenth in
                let u = Double(tenth) / 10
                return .init(fraction: u, temperature: settings.temperature.temperature(at: u))
            },
            evaluations: evaluations, output: folder.string)
        try summary.write(to: folder)
        return (summary, true)
    }

    /// Refuses what cannot work before any time is spent.
    private func check() throws {
        let header = dataset.header
        let temperatures = settings.temperature.range
        let sampler = ReplaySampler(header, seed: settings.seed)
        _ = try sampler.tempered(to: temperatures.lowerBound)
        _ = try sampler.tempered(to: temperatures.upperBound)
        for data in [dataset, heldOut].compactMap(\.self) where !data.isComplete {
            throw TrainingError(.incompleteShards, data.folder)
        }
        if dataset.entryCount == 0 { throw TrainingError(.noSequences, dataset.folder) }
        if let heldOut, let difference = heldOut.header.vocabularyDifference(from: header) {
            throw TrainingError(
                .mismatch(difference.name, here: difference.own, there: difference.other, dataset.folder.string),
                heldOut.folder)
        }
        let config = FilePath("config.json")
        if settings.encoder.vocabularySize < header.vocabularySize {
            throw ModelError(
                .valueOutOfRange(
                    "vocab_size", "\(settings.encoder.vocabularySize)", allowed: "at least \(header.vocabularySize)"),
                config)
        }
        if settings.encoder.maximumSequenceLength < longestSequence {
            throw ModelError(
                .valueOutOfRange(
                    "max_position_embeddings", "\(settings.encoder.maximumSequenceLength)",
                    allowed: "at least \(longestSequence)"), config)
        }
    }

    /// Tokens of the longest sequence that either data set may hold.
    private var longestSequence: Int {
        max(dataset.header.maximumLength, heldOut?.header.maximumLength ?? 0)
    }

    /// Measures on the held-out shards, at both ends of their temperature range.
    private func evaluate(
        _ steps: DataParallelStep<DetectionObjective>, progress: (Progress) -> Void, isInterrupted: () -> Bool
    ) throws -> [TrainingSummary.Evaluation] {
        guard let heldOut else { return [] }
        let range = heldOut.header.temperatureRange
        let sampler = ReplaySampler(heldOut.header, seed: settings.seed)
        let decoder = BlockDecoder()
        return try Set([range.minimum, range.maximum]).sorted().map { temperature in
            let replay = try sampler.tempered(to: temperature)
            var statistics = DetectionStatistics()
            var done = 0
            for index in 0..<heldOut.blockCount {
                if isInterrupted() { throw CancellationError() }
                let place = heldOut.place(ofBlock: index)
                let block = try heldOut.block(at: place, using: decoder)
                var counts = ReplayCounts()
                let examples = (0..<block.sequenceCount).map { row in
                    replay.sequence(
                        block, row: row, entry: place.entries.lowerBound + UInt64(row), visit: 0, counts: &counts)
                }
                statistics.add(steps.evaluate(examples))
                done += examples.count
                progress(.evaluating(sequences: done, of: Int(heldOut.entryCount), temperature: temperature))
            }
            return TrainingSummary.Evaluation(statistics, at: temperature)
        }
    }

    private var pace: TrainingRun<DetectionObjective>.Pace {
        var pace = TrainingRun<DetectionObjective>.Pace(
            LearningRateSchedule(
                peak: settings.learningRate, warmupSteps: Int(Double(settings.steps) * settings.warmupShare),
                totalSteps: settings.steps))
        pace.logInterval = settings.logInterval
        pace.checkpointInterval = settings.checkpointInterval
        return pace
    }
}

extension ShardHeader {
    /// What tells the vocabularies of two data sets apart, if anything.
    fileprivate func vocabularyDifference(from other: ShardHeader) -> (name: String, own: String, other: String)? {
        if vocabularySize != other.vocabularySize {
            return ("the vocabulary size", "\(vocabularySize)", "\(other.vocabularySize)")
        }
        if vocabularySHA256 != other.vocabularySHA256 {
            return ("the vocabulary's SHA-256", vocabularySHA256, other.vocabularySHA256)
        }
        return nil
    }
}
