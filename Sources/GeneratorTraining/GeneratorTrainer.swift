import Corpus
import Models
import Ranks
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
    /// The Hugging Face folder to write.
    public let folder: FilePath
    /// Of the folder. Whoever locked it releases it. `nil` on ranks other than the first, which do not touch it.
    public let output: FolderLock?
    /// Those that make the run together. Each has all of the data.
    public let ranks: any Transport
    /// Writes the tokenizer's files into a folder.
    public let writeTokenizer: @Sendable (FilePath) throws -> Void

    public init(
        _ settings: TrainingSettings, masking: Masking, focal: Float = 0, output: FolderLock,
        writeTokenizer: @escaping @Sendable (FilePath) throws -> Void
    ) {
        self.init(
            settings, masking: masking, focal: focal, folder: output.folder, output: output, ranks: OneProcess(),
            writeTokenizer: writeTokenizer)
    }

    public init(
        _ settings: TrainingSettings, masking: Masking, focal: Float, folder: FilePath, output: FolderLock?,
        ranks: any Transport, writeTokenizer: @escaping @Sendable (FilePath) throws -> Void
    ) {
        self.settings = settings
        self.masking = masking
        self.focal = focal
        self.folder = folder
        self.output = output
        self.ranks = ranks
        self.writeTokenizer = writeTokenizer
    }

    /// Trains on `sequences`, or goes on where it was interrupted.
    ///
    /// - Parameters:
    ///   - text: counts of the text that they come from.
    ///   - maximumLength: tokens that the sequences were packed to.
    ///   - parameters: the settings that decide the result, by the names the person knows; a run goes on only with the same.
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
        try checkEpochs(dataHealth.epochs)
        try ranks.together {
            _ = try ranks.share(ofLanes: settings.lanes)
            guard ranks.isFirst else { return }
            try parameters.bind(to: folder)
            try writeTokenizer(folder)
            try HuggingFaceFolder.noteLongestSequence(settings.encoder.maximumSequenceLength, in: folder)
        }
        let model = MaskedLanguageModel(.electraForMaskedLM, settings.encoder)
        let (checkpoint, finished) = try store.stateBefore(
            settings.steps, summary: GeneratorSummary.self, on: ranks, report: report)
        if let finished { return finished.state }

        let arena = ParameterArena(model.layout)
        if checkpoint == nil, ranks.isFirst { initialize(arena, of: model, sequences) }
        let run = TrainingRun(
            makeSteps(model, arena, longestSequence: sequences.longestCount), store: store, settings: settings,
            monitor: Unmonitored<MaskedLanguageStatistics>(), dataHealth: dataHealth)
        let batches = batches(of: sequences)
        let state = try run.train(
            from: checkpoint, on: batches.input, report: report, isInterrupted: isInterrupted)
        if state.step == settings.steps, let output {
            let parameters = model.layout.parameterCount
            try output.check()
            try SummaryFile.write(GeneratorSummary(state, parameters: parameters, folder: folder), to: folder)
        }
        return state
    }

    private var store: CheckpointStore {
        CheckpointStore(
            folder, model: ModelConfiguration(architecture: .electraForMaskedLM, encoder: settings.encoder),
            tokenizer: folder, keptCount: settings.keptCheckpoints)
    }

    /// An estimate of the run's time, memory and disk, from some of its updates. The folder is not touched.
    ///
    /// - Returns: `nil` if interrupted.
    public func forecast(on sequences: TokenSequences, isInterrupted: () -> Bool) throws -> TrainingForecast? {
        guard sequences.count > 0 else { throw TrainingError(.noSequences, folder) }
        let epochs = Double(settings.steps) * Double(settings.batchSize) / Double(sequences.count)
        try checkEpochs(epochs)
        try store.requireNoFewer(steps: settings.steps, summary: GeneratorSummary.self)
        let model = MaskedLanguageModel(.electraForMaskedLM, settings.encoder)
        let arena = ParameterArena(model.layout)
        initialize(arena, of: model, sequences)
        let batches = batches(of: sequences)
        return try makeSteps(model, arena, longestSequence: sequences.longestCount).forecast(
            settings, epochs: epochs,
            tokensPerSequence: Double(sequences.tokenCount) / Double(sequences.count), evaluations: nil,
            input: { batches.input(ofStep: $0).examples }, isInterrupted: isInterrupted)
    }

    private func checkEpochs(_ epochs: Double) throws(TrainingError) {
        if epochs > Double(SequenceVisit.maximumEpochs) { throw TrainingError(.tooManyEpochs(epochs), folder) }
    }

    private func initialize(_ arena: ParameterArena, of model: MaskedLanguageModel, _ text: TokenSequences) {
        arena.initialize(
            model.encoder, from: settings.start, seed: settings.seed, special: masking.specialTokens, text: text)
    }

    private func makeSteps(
        _ model: MaskedLanguageModel, _ parameters: ParameterArena, longestSequence: Int
    ) -> DataParallelStep<MaskedLanguageObjective> {
        DataParallelStep(
            MaskedLanguageObjective(model, focal: focal), parameters: parameters, settings: settings, ranks: ranks,
            longestSequence: longestSequence)
    }

    private func batches(of sequences: TokenSequences) -> MaskedBatches {
        MaskedBatches(
            sequences, masking: masking, batchSize: settings.batchSize,
            sentenceTargets: SentenceTargets(
                settings.sentenceTargetCount, in: sequences, vocabularySize: settings.encoder.vocabularySize,
                special: masking.specialTokens, seed: settings.seed),
            seed: settings.seed)
    }
}
