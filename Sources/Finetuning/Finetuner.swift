import Corpus
import Models
import Storage
import SystemPackage
import Training

/// Measures the worth of an encoder for a task: classifiers from it, with several seeds, at a learning rate that a part of the
/// training examples chose; and the same from random parameters.
///
/// The output folder becomes a Hugging Face folder with the first seed's classifier. Its `runs` remember the finished runs.
public struct Finetuner: Sendable {
    public let settings: FinetuningSettings
    public let data: ClassificationData
    public let classifier: SequenceClassifier
    /// Of the classifier, with its labels.
    public let configuration: ModelConfiguration
    private let model: FilePath
    private let folder: FilePath
    private let pretrained: PretrainedEncoder
    private let trainer: ClassifierTrainer

    /// How far the work is.
    public struct Progress: Sendable {
        /// From 1.
        public let run: Int
        public let runs: Int
        /// Of all runs together.
        public let step: Int
        public let steps: Int
        public let start: ClassifierStart
        public let learningRate: Float
    }

    /// Reads the encoder.
    ///
    /// - Parameters:
    ///   - model: its Hugging Face folder.
    ///   - stored: that folder's configuration, as ``ModelConfiguration/classifier(startingFrom:)`` reads it.
    ///   - folder: the Hugging Face folder to write.
    public init(
        _ settings: FinetuningSettings, data: ClassificationData, model: FilePath, stored: ModelConfiguration,
        folder: FilePath
    ) throws {
        var configuration = stored
        configuration.labels = data.labels
        if let dropout = settings.dropout {
            configuration.encoder.hiddenDropout = dropout
            configuration.encoder.attentionDropout = dropout
            configuration.encoder.classifierDropout = dropout
        }
        guard let family = configuration.architecture?.family else { preconditionFailure("no classifier") }
        classifier = SequenceClassifier(configuration.encoder, family, labelCount: data.labels.count)
        pretrained = try PretrainedEncoder(model, stored: stored, classifier: classifier, labels: data.labels)
        trainer = ClassifierTrainer(
            classifier: classifier, settings: settings,
            longestSequence: (data.train + data.test).reduce(0) { max($0, $1.tokenCount) })
        self.settings = settings
        self.data = data
        self.configuration = configuration
        self.model = model
        self.folder = folder
    }

    /// Of one classifier at a time, and of its longest example.
    public var memory: TrainingMemory {
        TrainingMemory(
            classifier.layout, classifier.configuration, threads: settings.threads, lanes: FinetuningSettings.lanes,
            longestSequence: longestSequence)
    }

    /// Tokens.
    public var longestSequence: Int { trainer.longestSequence }

    /// Does the runs that are not done yet.
    ///
    /// - Parameter parameters: the settings that decide the result, by the names the person knows; a folder goes on only
    ///   with the same.
    /// - Returns: `nil` if interrupted.
    /// - Throws: ``FinetuningError`` if there are too few examples to choose a rate, or the record of a run is damaged;
    ///   `RunParameterError` if the folder is another run's; errors of writing.
    public func run(
        parameters: RunParameters, report: (Progress) -> Void, isInterrupted: () -> Bool
    ) throws -> FinetuningResult? {
        let selects = settings.learningRates.count > 1
        let folds =
            try selects
            ? (0..<FinetuningSettings.selectionRuns(for: data.train.count)).map {
                try data.heldBack(fold: $0, seed: settings.seed)
            } : []
        try Folder(folder).create()
        let lock = try FolderLock(folder)
        defer { lock.release() }
        try parameters.bind(to: folder)
        let starts: [ClassifierStart] = settings.hasBaseline ? [.encoder, .scratch] : [.encoder]
        let records = ClassifierRecords(in: folder, labelCount: data.labels.count)
        let selectionSteps = folds.reduce(0) { $0 + settings.steps(for: $1.rest.count) } * settings.learningRates.count
        let runs = starts.count * (folds.count * settings.learningRates.count + settings.seeds)
        let steps = starts.count * (selectionSteps + settings.seeds * settings.steps(for: data.train.count))
        var (runNumber, stepsBefore, trained) = (0, 0, 0)

        func record(
            _ run: ClassifierRun, on examples: [LabeledSequence], measuringOn measured: [LabeledSequence]
        ) throws -> ClassifierRecord? {
            runNumber += 1
            defer { stepsBefore += settings.steps(for: examples.count) }
            let givesModel = run.start == .encoder && run.fold == nil && run.seed == settings.seed
            if try !givesModel || hasModel(), let record = try records.record(of: run) { return record }
            guard
                let (record, arena) = try trainer.train(
                    run, from: run.start == .encoder ? pretrained : nil, on: examples, measuringOn: measured,
                    report: { step in
                        report(
                            Progress(
                                run: runNumber, runs: runs, step: stepsBefore + step, steps: steps, start: run.start,
                                learningRate: run.learningRate))
                    }, isInterrupted: isInterrupted)
            else { return nil }
            try lock.check()
            if givesModel { try writeModel(arena) }
            // Last: a run whose model is not written is made again.
            try records.write(record)
            trained += 1
            return record
        }

        var results: [FinetuningResult.Start] = []
        for start in starts {
            var candidates: [FinetuningResult.Candidate] = []
            for rate in settings.learningRates where selects {
                var measured: [ClassifierRecord] = []
                for (number, fold) in folds.enumerated() {
                    let run = ClassifierRun(start: start, fold: number, learningRate: rate, seed: seed(number))
                    guard let record = try record(run, on: fold.rest, measuringOn: fold.heldBack) else { return nil }
                    measured.append(record)
                }
                candidates.append(FinetuningResult.Candidate(rate, measured, metric: settings.metric))
            }
            let rate = FinetuningResult.Candidate.best(of: candidates)?.learningRate ?? settings.learningRates[0]
            var tested: [ClassifierRecord] = []
            for number in 0..<settings.seeds {
                let run = ClassifierRun(start: start, fold: nil, learningRate: rate, seed: seed(number))
                guard let record = try record(run, on: data.train, measuringOn: data.test) else { return nil }
                tested.append(record)
            }
            results.append(FinetuningResult.Start(start, learningRate: rate, candidates: candidates, tested))
        }
        return FinetuningResult(results, didWork: trained > 0)
    }

    private func seed(_ number: Int) -> UInt64 { settings.seed &+ UInt64(number) }

    /// Whether the model of the first seed is there, and whole: a power cut or a full disk may have left an empty file.
    private func hasModel() throws -> Bool {
        let needed = [ModelConfiguration.fileName, SafetensorsFile.weightsName]
        guard needed.allSatisfy(Folder(folder).contains) else { return false }
        do {
            try ModelWeights(folder: folder).check(classifier.layout)
            return true
        } catch is ModelError {
            return false
        }
    }

    /// The weights last: without them no reader takes the folder for a model.
    private func writeModel(_ parameters: ParameterArena) throws {
        try HuggingFaceFolder.copyTokenizer(from: model, to: folder)
        try CorpusInput.text([], tokenizer: model).completeTokenizer(in: folder)
        try HuggingFaceFolder.noteLongestSequence(configuration.encoder.maximumSequenceLength, in: folder)
        try configuration.write(to: folder.appending(ModelConfiguration.fileName))
        try parameters.write(to: folder.appending(SafetensorsFile.weightsName))
    }
}
