import ArgumentParser
import Corpus
import Finetuning
import Fingerprints
import Models
import Storage
import SystemPackage
import Terminal

/// `fast-electra finetune`: measures the worth of an encoder for a task.
struct FinetuneCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "finetune", abstract: "Train classifiers on an encoder and measure them: is the encoder worth it?",
        discussion: """
            The encoder comes from any Hugging Face folder of the BERT, ELECTRA, RoBERTa or DistilBERT family, with any head. \
            The command writes a Hugging Face folder (...ForSequenceClassification) with the classifier of the first seed.

            Files that end in .jsonl, .ndjson or .json hold JSON lines with 'label' (a string, a whole number, true or \
            false), 'text', and 'text_pair' for pairs of texts. All other files hold columns without quotes, with tabs \
            between them: label, text, and the second text of a pair. They need no header. If the first line has the names \
            label, text (and text_pair), in any order, it says which column is which, and other columns are ignored; \
            other names of text are sentence, sentence1, question and question1, and of text_pair they are sentence2, question2, \
            and sentence beside question. \
            Files are UTF-8 and may be compressed (.gz, .zst). A text that is too long loses tokens at its end; of a pair, \
            the longer text is cut first.

            At each learning rate, the command trains two to five classifiers, the more the fewer examples there are. Each is \
            measured on another fifth of the training examples, which it does not see. The command takes the rate with the \
            best mean. At this rate it trains one classifier for each seed on all training examples, and measures it on the \
            test examples. The table shows the mean and its 95 % interval by Student's t.
            """)

    @Option(
        help: ArgumentHelp("Hugging Face folder with the encoder and its tokenizer.", valueName: "dir"),
        completion: .directory)
    var model: FilePath

    @Option(help: ArgumentHelp("Examples to train on.", valueName: "file"), completion: .file())
    var train: FilePath

    @Option(help: ArgumentHelp("Examples to measure on.", valueName: "file"), completion: .file())
    var test: FilePath

    @Option(help: ArgumentHelp("Hugging Face folder to write.", valueName: "dir"), completion: .directory)
    var out: FilePath

    @Flag(help: "Do the same from random parameters, and show the difference seed by seed.")
    var baseline = false

    @Option(help: ArgumentHelp("Classifiers to measure. Their seeds count up from --seed.", valueName: "n"))
    var seeds = 5

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Peak learning rates to choose from. A single one is used without choosing.", valueName: "x")
    )
    var learningRates: [Float] = [1e-4, 3e-4, 1e-3]

    @Option(
        help: ArgumentHelp("Measure that chooses the learning rate: accuracy, matthews or macro-f1.", valueName: "name")
    )
    var metric = ClassificationMetric.accuracy

    @Option(
        help: ArgumentHelp(
            "Times through the training examples. The default is 3 to 20: more for fewer examples.",
            valueName: "n"))
    var epochs: Int?

    @Option(help: ArgumentHelp("Examples in an update.", valueName: "n"))
    var batchSize = 16

    @Option(
        help: ArgumentHelp(
            "Tokens of an example, special ones included. The default is 128, or fewer if the encoder takes fewer.",
            valueName: "n"))
    var maxLength: Int?

    @Option(
        help: ArgumentHelp("Share of values that dropout sets to 0. The default is the encoder's own.", valueName: "p"))
    var dropout: Float?

    @OptionGroup var seed: SeedOption
    @OptionGroup var threads: ThreadOptions
    @OptionGroup var progress: ProgressOptions
    @OptionGroup var config: ConfigurationOption
    @OptionGroup var output: OutputOptions

    func validate() throws {
        for (name, value) in [("--seeds", seeds), ("--epochs", epochs ?? 1), ("--batch-size", batchSize)]
        where !(1...10_000).contains(value) {
            throw ValidationError("'\(name)' takes 1 to 10000, not \(value)")
        }
        if learningRates.isEmpty { throw ValidationError("'--learning-rates' takes one number at least") }
        for rate in learningRates where !(rate > 0 && rate <= 1) {
            throw ValidationError("'--learning-rates' takes numbers above 0 and up to 1, not \(rate)")
        }
        if Set(learningRates).count < learningRates.count {
            throw ValidationError("'--learning-rates' has the same number twice")
        }
        if let maxLength, !(TextEncoder.leastLength...65535).contains(maxLength) {
            throw ValidationError("'--max-length' takes \(TextEncoder.leastLength) to 65535, not \(maxLength)")
        }
        if let dropout, !(dropout >= 0 && dropout < 1) {
            throw ValidationError("'--dropout' takes 0 or more and less than 1, not \(dropout)")
        }
    }

    func run() throws {
        Interruption.listen()
        let threadCount = min(threads.count, FinetuningSettings.lanes)
        try AddressSpace.require(threads: threadCount)
        let modelFiles = try HuggingFaceFolder.smallFiles(of: model) + ModelWeights(folder: model).files
        let snapshot = try FileSnapshot(of: modelFiles + [train, test])
        let stored = try ModelConfiguration.classifier(startingFrom: model)
        let tokenizer = try Tokenizer(folder: model)
        try stored.check(tokenizer, maxLength: maxLength, folder: model)
        let length = maxLength ?? min(128, stored.encoder.maximumSequenceLength)
        let data = try ClassificationData(
            train: train, test: test, encoder: TextEncoder(tokenizer, maxLength: length),
            hasTokenTypes: stored.hasTokenTypes, storedLabels: stored.labels)
        TextWarnings.showUnknownTokens(
            in: data.train.lazy.map(\.tokens), tokenizer.vocabulary.special, of: "the training examples")
        if metric == .matthews, data.labels.count != 2 {
            throw ValidationError("'--metric matthews' takes two labels, there are \(data.labels.count)")
        }
        let finetuner = try Finetuner(settings, data: data, model: model, stored: stored, folder: out)
        try WorkingMemory.require(
            finetuner.memory, for: .training, threads: threadCount, longestSequence: finetuner.longestSequence)
        let parameters = try parameters(maxLength: length, modelFiles: modelFiles)
        // The folder is bound to the contents that were read.
        try snapshot.check()
        let display = FinetuningDisplay(style: progress.progress)
        let result = try finetuner.run(
            parameters: parameters, report: display.show, isInterrupted: Interruption.isRequested)
        display.finish()
        try Interruption.check()
        guard let result else { return }
        try output.print(FinetuningReport(result, of: finetuner, metric: metric, maxLength: length, output: out))
    }

    private var settings: FinetuningSettings {
        var settings = FinetuningSettings(seed: seed.seed, threads: threads.count)
        settings.learningRates = learningRates
        settings.seeds = seeds
        settings.epochs = epochs
        settings.batchSize = batchSize
        settings.metric = metric
        settings.dropout = dropout
        settings.hasBaseline = baseline
        return settings
    }

    /// More seeds, or a baseline, add runs to those that are done: they may change.
    private func parameters(maxLength: Int, modelFiles: [FilePath]) throws -> RunParameters {
        let values = [
            "--model":
                "configuration, tokenizer and weights of SHA-256 \(try Fingerprint.hexadecimal(ofFiles: modelFiles))",
            "--train": try NamedInput.fingerprint(of: [train]), "--test": try NamedInput.fingerprint(of: [test]),
            "--learning-rates": learningRates.map { "\($0)" }.joined(separator: " "), "--metric": metric.rawValue,
            "--epochs": epochs.map { "\($0)" } ?? "", "--batch-size": "\(batchSize)", "--max-length": "\(maxLength)",
            "--dropout": dropout.map { "\($0)" } ?? "", "--seed": "\(seed.seed)",
        ]
        return RunParameters(
            values, command: "finetune",
            arguments: Invocation.arguments)
    }
}

extension ClassificationMetric: ExpressibleByArgument {}
