import Corpus
import Models
import Storage
import SystemPackage
import Training

/// Trains a generator, for people who have none.
///
/// The result is a Hugging Face folder of an `ElectraForMaskedLM`.
public struct GeneratorTrainer: Sendable {
    public let settings: TrainingSettings
    public let masking: Masking
    /// The exponent of the focal loss; 0: the cross-entropy.
    public let focal: Float
    /// The Hugging Face folder to write. Whoever locked it releases it.
    public let output: FolderLock
    /// Writes the tokenizer's files into a folder.
    public let writeTokenizer: @Sendable (FilePath) throws -> Void

    private var folder: FilePath { output.folder }

    public init(
        _ settings: TrainingSettings, masking: Masking, focal: Float = 0, output: FolderLock,
        writeTokenizer: @escaping @Sendable (FilePath) throws -> Void
    ) {
        self.settings = settings
        self.masking = masking
        self.focal = focal
        self.output = output
        self.writeTokenizer = writeTokenizer
    }

    /// Trains on `sequences`, or goes on where it was interrupted.
    ///
    /// - Parameters:
    ///   - text: what the text was that they come from.
    ///   - maximumLength: tokens that the sequences were packed to.
    ///   - parameters: what decides the result, by the names the person knows; a run goes on only with the same.
    public func train(
        on sequences: TokenSequences, of text: TextCounts = TextCounts(), maximumLength: Int,
        parameters: RunParameters, report: (TrainingEvent) -> Void, isInterrupted: () -> Bool
    ) throws -> RunState {
        guard sequences.count > 0 else { throw TrainingError(.noSequences, folder) }
        var dataHealth = DataHealth(
            sequences: UInt64(sequences.count), tokens: UInt64(sequences.tokenCount), maximumLength: maximumLength,
            visits: UInt64(settings.steps) * UInt64(settings.batchSize), usefulEpochs: 40,
            repetition: "They are masked anew each time.")
        (dataHealth.unknownShare, dataHealth.invalidShare) = (text.unknownShare, text.invalidShare)
        if dataHealth.epochs > Double(SequenceVisit.maximumEpochs) {
            throw TrainingError(.tooManyEpochs(dataHealth.epochs), folder)
        }
        try parameters.bind(to: folder)
        try writeTokenizer(folder)
        let model = MaskedLanguageModel(.electraForMaskedLM, settings.encoder)
        let store = CheckpointStore(
            folder, model: ModelConfiguration(architecture: model.architecture, encoder: settings.encoder),
            tokenizer: folder, keptCount: settings.keptCheckpoints)
        let checkpoint = try store.newest { report(.damagedCheckpoints($0, used: $1)) }
        if let state = checkpoint?.state, state.step == settings.steps, state.totalSteps == settings.steps,
            try SummaryFile.read(GeneratorSummary.self, from: folder)?.steps == state.step
        {
            return state
        }

        let arena = ParameterArena(model.layout)
        arena.initialize(model.encoder, from: settings.start, seed: settings.seed)
        let run = TrainingRun(
            DataParallelStep(
                MaskedLanguageObjective(model, focal: focal), parameters: arena, threads: settings.threads,
                lanes: settings.lanes,
                longestSequence: sequences.longestCount, seed: settings.seed),
            store: store, settings: settings, monitor: Unmonitored<MaskedLanguageStatistics>(),
            dataHealth: dataHealth)
        let batches = MaskedBatches(
            sequences, masking: masking, batchSize: settings.batchSize, seed: settings.seed)
        let state = try run.train(
            from: checkpoint, on: batches.input, report: report, isInterrupted: isInterrupted)
        if state.step == settings.steps {
            let parameters = model.layout.parameterCount
            try output.check()
            try SummaryFile.write(GeneratorSummary(state, parameters: parameters, folder: folder), to: folder)
        }
        return state
    }
}
