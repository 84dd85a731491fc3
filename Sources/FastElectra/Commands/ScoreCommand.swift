import ArgumentParser
import Corpus
import Scoring
import Storage
import SystemPackage
import Terminal

/// `fast-electra score`: which of two sentences a model prefers.
struct ScoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "score", abstract: "Ask a model which sentence of each pair it prefers, as BLiMP does.",
        discussion: """
            A discriminator's score of a sentence is the sum of log P(original) over its tokens. A masked language model's \
            score is the pseudo-log-likelihood (Salazar et al. 2020): the sum of log P(token), with each token masked in turn. \
            [CLS] and [SEP] do not count. The accuracy is the share of pairs whose good sentence has the higher score. A tie \
            counts half. The second accuracy divides each score by the number of tokens.
            """)

    @Option(
        help: ArgumentHelp(
            "Hugging Face folder of a discriminator or a masked language model, with its tokenizer.", valueName: "dir"),
        completion: .directory)
    var model: FilePath

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "JSON lines with 'sentence_good' and 'sentence_bad'. Each 'field' and each 'UID' makes a row of the table.",
            valueName: "file"), completion: .file())
    var pairs: [FileNames]

    @OptionGroup var threads: ThreadOptions
    @OptionGroup var progress: ProgressOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        Interruption.listen()
        try AddressSpace.require(threads: threads.count)
        let scorer = try SentenceScorer(folder: model)
        var pairs: [SentencePair] = []
        for path in self.pairs.flatMap(\.paths) { pairs += try PairScoring.pairs(of: path) }
        TextWarnings.showUnknownTokens(
            in: pairs.lazy.compactMap { scorer.tokens(of: $0.good) }, scorer.specialTokens, of: "the better sentences")
        let display = ProgressDisplay("Scoring", unit: "pairs", style: progress.progress)
        let summary = try PairScoring(scorer, threads: threads.count).run(
            pairs, report: { display.show($0, of: $1) }, isInterrupted: Interruption.isRequested)
        display.finish()
        try Interruption.check()
        guard let summary else { return }
        try output.print(
            Result(
                score: scorer.isDiscriminator ? "log P(original)" : "pseudo-log-likelihood", pairs: summary.all.pairs,
                accuracy: summary.all.accuracy, accuracyByMean: summary.all.accuracyByMean, fields: summary.fields,
                paradigms: summary.paradigms))
    }

    private struct Result: CommandResult {
        let score: String
        let pairs: Int
        let accuracy: Double
        let accuracyByMean: Double
        let fields: [PreferenceSummary.Group]
        let paradigms: [PreferenceSummary.Group]

        var table: Table {
            var table = Table(
                header: [score, "pairs", "accuracy", "by mean"], alignments: [.left, .right, .right, .right])
            func append(_ name: String, _ pairs: Int, _ accuracy: Double, _ accuracyByMean: Double) {
                table.append(
                    name, Quantity.count(pairs), Quantity.fixed(accuracy, 4), Quantity.fixed(accuracyByMean, 4))
            }
            append("all", pairs, accuracy, accuracyByMean)
            for group in fields + paradigms {
                append(group.name, group.pairs, group.accuracy, group.accuracyByMean)
            }
            return table
        }
    }
}
