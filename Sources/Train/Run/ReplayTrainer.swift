import Format
import Models
import Ranks
import Replay
import Storage
import Synchronization
import SystemPackage
import Training

/// Trains a discriminator from shards: no generator is loaded, linked or run.
public struct ReplayTrainer: Sendable {
    /// The settings that only training from shards has.
    public struct Replay: Sendable {
        public var temperature = TemperatureSchedule.standard
        /// The exponent of the focal policy; nil: none. Held-out sequences are measured without it.
        public var focal: FocalSchedule?
        /// A Hugging Face folder whose parameters replace those of the start where names agree.
        public var initialModel: FilePath?
        /// Steps between two evaluations; those between two checkpoints if left out.
        public var evaluationInterval: Int?
        /// Held-out sequences that are measured while training goes on.
        public var evaluatedSequences = 1000
        /// At which held-out sequences are measured; 1, or the nearest temperature of their shards, where left out.
        public var evaluationTemperature: Double?

        public init() {}
    }

    public let settings: TrainingSettings
    public let replay: Replay
    public let data: TrainingData
    public let heldOut: Dataset?
    /// The run's folder, a Hugging Face folder when it is done.
    public let folder: FilePath
    /// Of the folder. Whoever locked it releases it. `nil` on ranks other than the first, which do not touch it.
    public let output: FolderLock?
    /// Those that make the run together. Each has all of the data.
    public let ranks: any Transport

    public init(
        _ settings: TrainingSettings, replay: Replay, data: TrainingData, heldOut: Dataset?, folder: FilePath,
        output: FolderLock?, ranks: any Transport
    ) {
        self.settings = settings
        self.replay = replay
        self.data = data
        self.heldOut = heldOut
        self.folder = folder
        self.output = output
        self.ranks = ranks
    }

    /// Trains to the last step and evaluates, or goes on where it was interrupted.
    ///
    /// - Parameter parameters: the settings that decide the result, by the names the person knows; a run goes on only
    ///   with the same.
    /// - Returns: the summary, and whether there was anything left to do.
    /// - Throws: `CancellationError` if interrupted, after the work was saved.
    public func train(
        parameters: RunParameters, report: @escaping (TrainingEvent) -> Void, isInterrupted: @escaping () -> Bool
    ) throws -> (summary: TrainingSummary, didWork: Bool) {
        let discriminator = Discriminator(settings.encoder, predictsSentences: settings.sentenceTargetCount > 0)
        try ranks.together {
            try check()
            guard ranks.isFirst else { return }
            try parameters.check(against: folder)
            // Before the folder is bound to a model that cannot be the start.
            if let start = replay.initialModel {
                try discriminator.layout.checkShared(with: start, for: settings.encoder)
            }
            try parameters.bind(to: folder)
        }
        let (checkpoint, finished) = try store.stateBefore(
            settings.steps, summary: TrainingSummary.self, on: ranks, report: report)
        if let finished { return (finished.located(in: folder), false) }
        let arena = ParameterArena(discriminator.layout)
        let text = try sampledText(fromTheStart: checkpoint == nil)
        // The others are given the parameters of the first rank.
        try ranks.together {
            if ranks.isFirst, checkpoint == nil { try initialize(arena, of: discriminator, text) }
        }
        let steps = makeSteps(discriminator, arena)
        let ahead = inputs(text)
        let measurement = heldOut.map {
            HeldOutData(
                dataset: $0, temperature: evaluationTemperature(of: $0), seed: settings.seed, steps: steps,
                report: report, isInterrupted: isInterrupted)
        }
        let run = TrainingRun(
            steps, store: store, settings: settings, monitor: DetectionHealth(), dataHealth: dataHealth)
        let state = try run.train(
            from: checkpoint,
            on: ahead.input,
            evaluation: measurement.map { measurement in
                TrainingRun<DetectionObjective, DetectionHealth>.Evaluation(
                    interval: evaluationInterval
                ) {
                    try measurement.sample(replay.evaluatedSequences)
                }
            }, report: report, isInterrupted: isInterrupted)
        if state.step < settings.steps { throw CancellationError() }

        let summary = TrainingSummary(
            state, parameters: discriminator.layout.parameterCount, schedule: replay.temperature,
            evaluations: try measurement?.whole() ?? [], folder: folder)
        if let output {
            try output.check()
            try SummaryFile.write(summary, to: folder)
        }
        return (summary, true)
    }

    private var store: CheckpointStore {
        CheckpointStore(
            folder, model: ModelConfiguration(architecture: .electraForPreTraining, encoder: settings.encoder),
            tokenizer: data.datasets[0].folder, keptCount: settings.keptCheckpoints)
    }

    /// An estimate of the run's time, memory and disk, from some of its updates. The folder is not touched.
    ///
    /// - Returns: `nil` if interrupted.
    public func forecast(isInterrupted: () -> Bool) throws -> TrainingForecast? {
        try check()
        try store.requireNoFewer(steps: settings.steps, summary: TrainingSummary.self)
        let discriminator = Discriminator(settings.encoder, predictsSentences: settings.sentenceTargetCount > 0)
        let arena = ParameterArena(discriminator.layout)
        let text = try sampledText(fromTheStart: true)
        try initialize(arena, of: discriminator, text)
        let ahead = inputs(text)
        return try makeSteps(discriminator, arena).forecast(
            settings, epochs: dataHealth.epochs,
            tokensPerSequence: Double(data.tokenCount) / Double(data.entryCount), evaluations: evaluations,
            input: { try ahead.input(for: $0).examples }, isInterrupted: isInterrupted)
    }

    private var evaluationInterval: Int { replay.evaluationInterval ?? settings.checkpointInterval }

    /// Steps between two evaluations, and the tokens of all together.
    private var evaluations: (interval: Int, tokens: Int)? {
        heldOut.map { heldOut in
            let interval = evaluationInterval
            let sequences = Int(heldOut.entryCount)
            let sampled = (settings.steps + interval - 1) / interval * min(replay.evaluatedSequences, sequences)
            let temperatures = HeldOutData.temperatures(of: heldOut.header, besides: evaluationTemperature(of: heldOut))
            let all = sampled + temperatures.count * sequences
            return (interval, Int(heldOut.counts.tokens) / max(sequences, 1) * all)
        }
    }

    private func evaluationTemperature(of heldOut: Dataset) -> Double {
        replay.evaluationTemperature ?? heldOut.header.temperatureNearestOne
    }

    /// Where parameters start. Another model's word embeddings would take the place of those made here.
    private var start: StartingPoint {
        replay.initialModel != nil && settings.start == .corpus ? .local : settings.start
    }

    /// Sequences that tell how often tokens are, and which of them stand together; none where nobody asks for that.
    private func sampledText(fromTheStart: Bool) throws -> [ArraySlice<Int32>] {
        try ranks.together {
            settings.sentenceTargetCount > 0 || start == .corpus && fromTheStart ? try data.sampledSequences() : []
        }
    }

    private func initialize(_ arena: ParameterArena, of discriminator: Discriminator, _ text: [ArraySlice<Int32>])
        throws
    {
        arena.initialize(
            discriminator.encoder, from: start, seed: settings.seed, special: data.specialTokens, text: text)
        if let folder = replay.initialModel { try arena.readShared(from: folder, for: settings.encoder) }
    }

    private func makeSteps(
        _ discriminator: Discriminator, _ parameters: ParameterArena
    ) -> DataParallelStep<DetectionObjective> {
        DataParallelStep(
            DetectionObjective(discriminator), parameters: parameters, settings: settings, ranks: ranks,
            longestSequence: longestSequence)
    }

    /// The sequences of each step, replayed one step ahead.
    private func inputs(_ text: [ArraySlice<Int32>]) -> ReadAhead<StepInput<ReplayedSequence>> {
        let source = Mutex(ReplaySource(data, seed: settings.seed))
        let sentenceTargets = SentenceTargets(
            settings.sentenceTargetCount, in: text, vocabularySize: settings.encoder.vocabularySize,
            special: data.specialTokens, seed: settings.seed)
        return ReadAhead(stepCount: settings.steps) { [settings, replay, data] step in
            let share = Double(step) / Double(settings.steps)
            let temperature = replay.temperature.temperature(at: share)
            let focal = replay.focal?.exponent(at: share)
            let first = UInt64(step) * UInt64(settings.batchSize)
            var input = try source.withLock {
                try $0.sequences(
                    from: first, count: settings.batchSize, temperature: temperature,
                    policy: ReplayPolicy(focal: focal))
            }
            for (index, visit) in input.visits.enumerated() {
                input.examples[index].sentenceTargets = sentenceTargets.targets(
                    among: input.examples[index].originals, pass: UInt32(visit.epoch), sequence: visit.sequence)
            }
            input.record = [.temperature: temperature, .epoch: Double(first) / Double(data.entryCount)]
            if replay.focal != nil { input.record = input.record.merging([.focal: focal ?? 0]) }
            input.record = input.record.merging(data.epochs(among: first, seed: settings.seed))
            return input
        }
    }

    /// Refuses settings that cannot work before any time is spent.
    private func check() throws {
        _ = try ranks.share(ofLanes: settings.lanes)
        let header = data.header
        let temperatures = replay.temperature.range
        for dataset in data.datasets {
            try requireReplay(of: dataset, at: temperatures.lowerBound)
            try requireReplay(of: dataset, at: temperatures.upperBound)
        }
        if let heldOut, let temperature = replay.evaluationTemperature {
            try requireReplay(of: heldOut, at: temperature)
        }
        let all = data.datasets + [heldOut].compactMap(\.self)
        for dataset in all where !dataset.isComplete || dataset.missing != nil {
            throw TrainingError(.incompleteShards, dataset.folder)
        }
        for dataset in all where dataset.entryCount == 0 { throw TrainingError(.noSequences, dataset.folder) }
        let folder = data.datasets[0].folder
        let epochs = data.mostEpochs(of: settings)
        if epochs > Double(SequenceVisit.maximumEpochs) { throw TrainingError(.tooManyEpochs(epochs), folder) }
        if let heldOut, let difference = heldOut.header.vocabularyDifference(from: header) {
            throw TrainingError(
                .mismatch(difference.name, here: difference.own, there: difference.other, folder.string),
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

    private func requireReplay(of dataset: Dataset, at temperature: Double) throws(ReplayError) {
        do {
            _ = try ReplaySampler(dataset.header, seed: settings.seed).tempered(to: temperature)
        } catch {
            var error = error
            error.dataset = dataset.folder
            throw error
        }
    }

    /// Tokens of the longest sequence that either data set may hold.
    private var longestSequence: Int {
        max(data.maximumLength, heldOut?.header.maximumLength ?? 0)
    }

    private var dataHealth: DataHealth {
        let visits = data.visitCount
        // The part of the data that is seen most often.
        let part = data.busiestStream(of: settings)
        var health = DataHealth(
            sequences: part.sequences, tokens: part.tokens, maximumLength: data.maximumLength, visits: part.visits,
            usefulEpochs: max(10, Double(visits ?? 0)),
            repetition: "The same positions are masked each time"
                + (visits.map { ", and after \($0) times the races are read again." } ?? "."))
        health.part = part.name
        health.measuresTrainingData = data.datasets.contains {
            $0.manifest.fingerprint == heldOut?.manifest.fingerprint
        }
        return health
    }
}

extension TrainingData {
    /// How often each stream has been gone through when a run has seen so many sequences; nothing where there is one.
    fileprivate func epochs(among count: UInt64, seed: UInt64) -> MetricsRecord {
        guard let mixture = mixture(seed: seed) else { return [:] }
        let epochs = streams.enumerated().map { index, stream in
            (stream.name, mixture.sequences(ofStream: index, among: count) / Double(stream.replay.sequenceCount))
        }
        return MetricsRecord(Dictionary(epochs, uniquingKeysWith: max), of: .epoch)
    }

    /// The most epochs that a stream can see. A cycle that is not complete may have all of its sequences of one stream at
    /// its beginning.
    fileprivate func mostEpochs(of settings: TrainingSettings) -> Double {
        let visits = UInt64(settings.steps) * UInt64(settings.batchSize)
        guard let mixture = mixture(seed: settings.seed) else { return Double(visits) / Double(max(entryCount, 1)) }
        return streams.enumerated().map { index, stream in
            Double(min(visits, mixture.mostSequences(ofStream: index, among: visits)))
                / Double(max(stream.replay.sequenceCount, 1))
        }.max() ?? 0
    }

    /// The part of the data that is seen most often, relative to its size.
    fileprivate func busiestStream(of settings: TrainingSettings) -> SeenPart {
        let visits = UInt64(settings.steps) * UInt64(settings.batchSize)
        let whole = SeenPart(name: "", sequences: entryCount, tokens: tokenCount, visits: visits)
        guard let mixture = mixture(seed: settings.seed) else { return whole }
        let parts = streams.enumerated().map { index, stream in
            SeenPart(
                name: stream.name, sequences: stream.replay.sequenceCount, tokens: stream.replay.tokenCount,
                visits: UInt64(mixture.sequences(ofStream: index, among: visits).rounded(.up)))
        }
        return parts.max { $0.epochs < $1.epochs } ?? whole
    }
}

/// A part of the data, and how many of its sequences a run sees.
private struct SeenPart {
    let name: String
    let sequences: UInt64
    let tokens: UInt64
    let visits: UInt64

    var epochs: Double { Double(visits) / Double(max(sequences, 1)) }
}
