import CLibrary
import Corpus
import Storage
import SystemPackage
import Terminal
import Training

extension VocabularyCommand {
    /// Writes the vocabulary of nucleotides, and prints the counts of the text's letters.
    func writeNucleotides(_ work: Work) throws {
        if var earlier = try NucleotideResult.read(from: out) {
            earlier.didWork = false
            earlier.output = out.string
            return try output.print(earlier)
        }
        let tokenizer = try NucleotideVocabulary(otherLetters: letters, isCased: cased).tokenizer()
        let display = ProgressDisplay("Counting letters", unit: "bytes", style: progress.progress)
        let counts = try LetterCounts(
            of: work.input.files, by: tokenizer, badLines: work.input.badLines,
            progress: { display.show(Int($0), of: Int($1)) }, isInterrupted: Interruption.isRequested)
        display.finish()
        try work.bind(out)
        try tokenizer.write(to: out)
        let result = NucleotideResult(
            didWork: true, entries: tokenizer.vocabulary.count, records: counts.records, letters: counts.total,
            letterCounts: Dictionary(uniqueKeysWithValues: counts.letters.map { ($0.letter, $0.count) }),
            unknownLetters: counts.unknown, entropy: NucleotideResult.entropy(of: counts.letters.map(\.count)),
            seconds: (ContinuousClock.now - work.start) / .seconds(1), output: out.string)
        TextWarnings(counts: counts.text, files: work.input.files).showReplacements()
        if result.unknownShare > DataHealth.unknownLimit {
            Warning.show(
                "\(Quantity.percent(result.unknownShare)) of the characters are unknown ones. Name them with --letters if"
                    + " they are letters")
        }
        try SummaryFile.write(result, to: out)
        try output.print(result)
    }
}

/// The result of `vocab --nucleotides`.
struct NucleotideResult: VocabularySummary {
    /// False where the vocabulary was there already.
    var didWork: Bool
    /// Tokens in the vocabulary.
    let entries: Int
    /// Records of FASTA, and documents of other files.
    let records: Int
    /// Letters of the text that have tokens: all, and each.
    let letters: Int
    let letterCounts: [String: Int]
    /// Characters that will be `[UNK]`.
    let unknownLetters: Int
    /// Of the letters' shares, in nats: the loss of a guess that knows the frequencies of letters, and not the letters around.
    let entropy: Double
    let seconds: Double
    /// The folder, to be given to `mlm --vocab`.
    var output: String

    var unknownShare: Double { Double(unknownLetters) / Double(max(letters + unknownLetters, 1)) }

    static func entropy(of counts: [Int]) -> Double {
        let total = Double(counts.reduce(0, +))
        return counts.reduce(0) { sum, count in
            count > 0 ? sum - Double(count) / total * log(Double(count) / total) : sum
        }
    }

    var table: Table {
        let shares = letterCounts.filter { $0.value > 0 }.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            .map { "\($0.key) \(Quantity.percent(Double($0.value) / Double(max(letters, 1))))" }
        return Table([
            didWork ? "written" : "done before": "\(Quantity.count(entries)) tokens",
            "text":
                "\(Quantity.count(letters)) letters in \(Quantity.count(records)) \(records == 1 ? "record" : "records")",
            "letters": shares.joined(separator: ", "),
            "entropy": "\(Quantity.fixed(entropy, 4)) nats, the loss of a guess by these shares",
            "unknown letters": "\(Quantity.count(unknownLetters)), \(Quantity.percent(unknownShare)) of all",
            "folder": output,
        ])
    }
}
