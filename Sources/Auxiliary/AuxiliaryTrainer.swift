import Encoder
import Generate
import Kernels
import Optimization
import Storage
import SystemPackage

/// Trains an auxiliary masked language model, for people who have none.
///
/// The result is a Hugging Face folder of an `ElectraForMaskedLM`.
public struct AuxiliaryTrainer: Sendable {
    public struct Settings: Sendable {
        public var encoder: EncoderConfiguration
        public var steps: Int
        public var batchSize: Int
        public var learningRate: Float
        /// Share of the steps in which the learning rate rises.
        public var warmupShare = 0.1
        public var start = StartingPoint.local
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

    public let settings: Settings
    public let masking: Masking
    /// The Hugging Face folder to write.
    public let folder: FilePath
    /// The folder with the vocabulary.
    public let tokenizer: FilePath

    public init(_ settings: Settings, masking: Masking, folder: FilePath, tokenizer: FilePath) {
        self.settings = settings
        self.masking = masking
        self.folder = folder
        self.tokenizer = tokenizer
    }

    /// Trains on `sequences`, or goes on where it was interrupted.
    ///
    /// - Parameter parameters: what decides the result, by the names the person knows; a run goes on only with the same.
    public func train(
        on sequences: TokenSequences, parameters: RunParameters, progress: (TrainingProgress) -> Void,
        isInterrupted: () -> Bool
    ) throws -> RunState {
        guard sequences.count > 0 else { throw TrainingError(.noSequences, folder) }
        try Folder(folder).create()
        let lock = try FolderLock(folder)
        defer { lock.release() }
        try parameters.bind(to: folder)
        let model = MaskedLanguageModel(.electraForMaskedLM, settings.encoder)
        let store = CheckpointStore(
            folder, model: ModelConfiguration(architecture: model.architecture, encoder: settings.encoder),
            tokenizer: tokenizer)
        if let state = try store.newestState(), state.step >= settings.steps { return state }

        let arena = ParameterArena(model.layout)
        arena.initialize(model.encoder, from: settings.start, seed: settings.seed)
        let run = TrainingRun(
            DataParallelStep(
                MaskedLanguageObjective(model), parameters: arena, threads: settings.threads,
                longestSequence: sequences.longestCount, seed: settings.seed),
            store: store, pace: pace)
        let order = stream(for: .shuffle)
        let maskingStream = stream(for: .masking)
        return try run.train(
            on: { step in
                StepInput(
                    examples: (0..<settings.batchSize).map { slot in
                        let visit = (step * settings.batchSize + slot).quotientAndRemainder(dividingBy: sequences.count)
                        let epoch = UInt32(truncatingIfNeeded: visit.quotient)
                        let index = Permutation(count: sequences.count, stream: order, pass: epoch)[visit.remainder]
                        return example(sequences[index], index: index, epoch: epoch, stream: maskingStream)
                    })
            }, progress: progress, isInterrupted: isInterrupted)
    }

    private func example(_ tokens: [Int32], index: Int, epoch: UInt32, stream: RandomStream) -> MaskedSequence {
        let positions = masking.positions(in: tokens, stream: stream, pass: epoch, sequence: UInt64(index))
        return MaskedSequence(
            tokens: masking.masked(tokens, at: positions), positions: positions,
            originals: positions.map { tokens[Int($0)] })
    }

    private func stream(for purpose: RandomPurpose) -> RandomStream {
        RandomStream(seed: settings.seed, purpose: purpose)
    }

    private var pace: TrainingRun<MaskedLanguageObjective>.Pace {
        var pace = TrainingRun<MaskedLanguageObjective>.Pace(
            LearningRateSchedule(
                peak: settings.learningRate, warmupSteps: Int(Double(settings.steps) * settings.warmupShare),
                totalSteps: settings.steps))
        pace.logInterval = settings.logInterval
        pace.checkpointInterval = settings.checkpointInterval
        return pace
    }
}
