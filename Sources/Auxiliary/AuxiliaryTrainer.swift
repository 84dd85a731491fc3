import Corpus
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
    public let settings: TrainingSettings
    public let masking: Masking
    /// The Hugging Face folder to write.
    public let folder: FilePath
    /// The folder with the vocabulary.
    public let tokenizer: FilePath

    public init(_ settings: TrainingSettings, masking: Masking, folder: FilePath, tokenizer: FilePath) {
        self.settings = settings
        self.masking = masking
        self.folder = folder
        self.tokenizer = tokenizer
    }

    /// Trains on `sequences`, or goes on where it was interrupted.
    ///
    /// - Parameters:
    ///   - maximumLength: tokens that the sequences were packed to.
    ///   - parameters: what decides the result, by the names the person knows; a run goes on only with the same.
    public func train(
        on sequences: TokenSequences, maximumLength: Int, parameters: RunParameters,
        report: (TrainingEvent) -> Void, isInterrupted: () -> Bool
    ) throws -> RunState {
        guard sequences.count > 0 else { throw TrainingError(.noSequences, folder) }
        var dataHealth = DataHealth(
            sequences: UInt64(sequences.count), tokens: UInt64(sequences.tokenCount), maximumLength: maximumLength,
            visits: UInt64(settings.steps) * UInt64(settings.batchSize), usefulEpochs: 40,
            repetition: "They are masked anew each time.")
        (dataHealth.unknownShare, dataHealth.invalidShare) = (sequences.text.unknownShare, sequences.text.invalidShare)
        if dataHealth.epochs > Double(SequenceVisit.maximumEpochs) {
            throw TrainingError(.tooManyEpochs(dataHealth.epochs), folder)
        }
        try Folder(folder).create()
        let lock = try FolderLock(folder)
        defer { lock.release() }
        try parameters.bind(to: folder)
        let model = MaskedLanguageModel(.electraForMaskedLM, settings.encoder)
        let store = CheckpointStore(
            folder, model: ModelConfiguration(architecture: model.architecture, encoder: settings.encoder),
            tokenizer: tokenizer, keptCount: settings.keptCheckpoints)
        let checkpoint = try store.newest { report(.damagedCheckpoints($0, used: $1)) }
        if let state = checkpoint?.state, state.step == settings.steps, state.totalSteps == settings.steps,
            try SummaryFile.read(AuxiliarySummary.self, from: folder)?.steps == state.step
        {
            return state
        }

        let arena = ParameterArena(model.layout)
        arena.initialize(model.encoder, from: settings.start, seed: settings.seed)
        let run = TrainingRun(
            DataParallelStep(
                MaskedLanguageObjective(model), parameters: arena, threads: settings.threads,
                longestSequence: sequences.longestCount, seed: settings.seed),
            store: store, settings: settings, monitor: Unmonitored<MaskedLanguageStatistics>(),
            dataHealth: dataHealth)
        let order = stream(for: .shuffle)
        let maskingStream = stream(for: .masking)
        let state = try run.train(
            from: checkpoint,
            on: { step in
                var input = StepInput<MaskedSequence>(examples: [], visits: [])
                for slot in 0..<settings.batchSize {
                    let place = (step * settings.batchSize + slot).quotientAndRemainder(dividingBy: sequences.count)
                    let epoch = UInt16(place.quotient)
                    let index = Permutation(count: sequences.count, stream: order, pass: UInt32(epoch))[place.remainder]
                    input.examples.append(
                        example(sequences[index], index: index, epoch: UInt32(epoch), stream: maskingStream))
                    input.visits.append(SequenceVisit(sequence: UInt64(index), epoch: epoch))
                }
                return input
            }, report: report, isInterrupted: isInterrupted)
        if state.step == settings.steps {
            let parameters = model.layout.parameterCount
            try SummaryFile.write(AuxiliarySummary(state, parameters: parameters, folder: folder), to: folder)
        }
        return state
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
}
