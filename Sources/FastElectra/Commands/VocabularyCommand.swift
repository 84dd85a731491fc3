import ArgumentParser
import Corpus
import FoundationEssentials
import Storage
import SystemPackage
import Terminal
import Training

/// `fast-electra vocab`: learns a WordPiece vocabulary from text, or writes the one of nucleotides.
struct VocabularyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vocab",
        abstract: "Learn a WordPiece vocabulary from text, or write the vocabulary of nucleotides.",
        usage: "fast-electra vocab [<options>] --text <file> ... --out <dir>")

    @OptionGroup var input: TextOptions

    @Option(
        help: ArgumentHelp("Entries in the vocabulary, special tokens included. The default is 8192.", valueName: "n"))
    var size: Int?

    @Option(
        help: ArgumentHelp(
            "How many characters the vocabulary can spell: the n most frequent ones.",
            discussion:
                "The default is as many as make up 99.95 % of the text, and at least 1,000. A word with another character is [UNK].",
            valueName: "n"))
    var alphabet: Int?

    @Flag(help: "Keep letter case and accents.")
    var cased = false

    @Flag(
        help: ArgumentHelp(
            "Single nucleotides instead of words: A, C, G, T, 7 special tokens and 16 reserved ones.",
            discussion:
                "For FASTA. The text is only counted. Lower case reads as upper case; with --cased, lower case has tokens of its own."
        ))
    var nucleotides = false

    @Option(
        help: ArgumentHelp(
            "With --nucleotides, letters besides A, C, G and T, such as N or NRYKM.",
            discussion: "They take the places of reserved tokens. A letter without a token is [UNK].",
            valueName: "letters"))
    var letters = ""

    @Option(help: ArgumentHelp("Folder to write.", valueName: "dir"), completion: .directory)
    var out: FilePath

    @OptionGroup var progress: ProgressOptions
    @OptionGroup var config: ConfigurationOption
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if let size, !(6...Int(Int32.max)).contains(size) {
            throw ValidationError("'--size' takes 6 to \(Int32.max), not \(size)")
        }
        if let alphabet, !(1...Int(Int32.max)).contains(alphabet) {
            throw ValidationError("'--alphabet' takes 1 to \(Int32.max), not \(alphabet)")
        }
        if nucleotides, size != nil || alphabet != nil {
            throw ValidationError(
                "'--nucleotides' has a size and an alphabet of its own: leave out '--size' and '--alphabet'")
        }
        if !nucleotides, !letters.isEmpty { throw ValidationError("'--letters' goes with '--nucleotides'") }
        // Told before any text is read.
        do {
            _ = try NucleotideVocabulary(otherLetters: letters, isCased: cased)
        } catch {
            throw ValidationError("'--letters': \(error.wordedForCommandLine)")
        }
    }

    func run() throws {
        Interruption.listen()
        let input = try input.find()
        let snapshot = try FileSnapshot(of: input.files)
        try Folder(out).create()
        let lock = try FolderLock(out)
        defer { lock.release() }
        let own =
            nucleotides
            ? ["--nucleotides": "true", "--letters": letters, "--cased": "\(cased)"]
            : [
                "--size": "\(wordPieces)", "--alphabet": alphabet.map { "\($0)" } ?? "",
                "--cased": "\(cased)",
            ]
        let parameters = RunParameters(
            try input.parameters().merging(own) { $1 }, command: "vocab",
            arguments: Invocation.arguments)
        try parameters.check(against: out)
        let work = Work(input: input, snapshot: snapshot, lock: lock, parameters: parameters)
        if nucleotides { try writeNucleotides(work) } else { try learnPieces(work) }
    }

    /// Values that both kinds of vocabulary need.
    struct Work {
        let input: NamedInput
        let snapshot: FileSnapshot
        let lock: FolderLock
        let parameters: RunParameters
        let start = ContinuousClock.now

        /// Binds the folder to the text that was read.
        func bind(_ folder: FilePath) throws {
            try snapshot.check()
            try lock.check()
            try parameters.bind(to: folder)
        }
    }

    private var wordPieces: Int { size ?? 8192 }

    private func learnPieces(_ work: Work) throws {
        let (input, start) = (work.input, work.start)
        if var earlier = try VocabularyResult.read(from: out) {
            earlier.didWork = false
            earlier.output = out.string
            return try output.print(earlier)
        }
        let trained = try train(on: input)
        try work.bind(out)
        try trained.tokenizer.write(to: out)
        let result = VocabularyResult(
            didWork: true, entries: trained.tokenizer.vocabulary.count, words: trained.words,
            distinctWords: trained.distinctWords, keptCharacters: trained.keptCharacters,
            droppedCharacters: trained.droppedCharacters, characterCoverage: trained.characterCoverage,
            unknownWords: trained.unknownWords, invalidLines: trained.counts.invalidLines.count,
            skippedLines: trained.counts.skippedLines.count, loneSurrogates: trained.counts.loneSurrogates.count,
            seconds: (ContinuousClock.now - start) / .seconds(1), output: out.string)
        let warnings = TextWarnings(counts: trained.counts, files: input.files)
        warnings.showReplacements()
        warnings.showInvalidText()
        if result.unknownShare > DataHealth.unknownLimit {
            let share = Quantity.percent(result.unknownShare)
            Warning.show(
                trained.droppedCharacters > 0
                    ? "\(share) of the words are unknown ones, because they have characters that the vocabulary lacks. Ask for"
                        + " more characters"
                    : "\(share) of the words are unknown ones, because they are too long. Put spaces between words, or"
                        + " tokenize the text yourself and give --ids to the next commands")
        }
        try SummaryFile.write(result, to: out)
        try output.print(result)
    }

    private func train(on input: NamedInput) throws -> TrainedVocabulary {
        let counting = ProgressDisplay("Counting words", unit: "bytes", style: progress.progress)
        let merging = ProgressDisplay("Merging pieces", unit: "pieces", style: progress.progress)
        var trainer = VocabularyTrainer(size: wordPieces, configuration: TokenizerConfiguration(lowercases: !cased))
        if let alphabet { trainer.alphabet = .count(alphabet) }
        trainer.badLines = input.badLines
        let trained = try trainer.train(
            on: input.files,
            progress: { stage in
                switch stage {
                case .counting(let bytes, let total):
                    counting.show(Int(bytes), of: Int(total))
                case .merging(let pieces, let total):
                    counting.finish()
                    merging.show(pieces, of: total)
                }
            }, isInterrupted: Interruption.isRequested)
        merging.finish()
        return trained
    }
}

/// The result that `vocab` prints, and keeps in its folder as the sign that the work is done.
struct VocabularyResult: VocabularySummary {
    /// False where the vocabulary was there already.
    var didWork: Bool
    /// Pieces in the vocabulary, special tokens included.
    let entries: Int
    /// Words in the text, all and distinct ones.
    let words: Int
    let distinctWords: Int
    /// Distinct characters of the alphabet, those too rare for it, and the share of the text that it makes up.
    let keptCharacters: Int
    let droppedCharacters: Int
    let characterCoverage: Double
    /// Words that will be `[UNK]` (not distinct ones), for a character that is left out or for their length.
    let unknownWords: Int
    /// Lines that are not UTF-8.
    let invalidLines: Int
    /// Lines of JSON that were left out, and halves of surrogate pairs that were replaced.
    let skippedLines: Int
    let loneSurrogates: Int
    let seconds: Double
    /// The folder, to be given to `mlm --vocab`.
    var output: String

    /// The share of the text's words that will be `[UNK]`.
    var unknownShare: Double { Double(unknownWords) / Double(max(words, 1)) }

    var table: Table {
        var table = Table([
            didWork ? "learned" : "done before": "\(Quantity.count(entries)) pieces in \(Quantity.time(seconds))",
            "text": "\(Quantity.count(words)) words, \(Quantity.count(distinctWords)) distinct",
            "characters": droppedCharacters == 0
                ? "all \(Quantity.count(keptCharacters)) kept"
                : "\(Quantity.count(keptCharacters)) kept, \(Quantity.percent(characterCoverage)) of the text; "
                    + "\(Quantity.count(droppedCharacters)) rare ones left out",
            "unknown words": "\(Quantity.count(unknownWords)), \(Quantity.percent(unknownShare)) of all",
            "encoding": invalidLines == 0
                ? "UTF-8"
                : "\(Quantity.count(invalidLines)) \(invalidLines == 1 ? "line is" : "lines are") not UTF-8:"
                    + " is the text in another encoding?",
        ])
        if skippedLines > 0 { table.append("lines left out", Quantity.count(skippedLines)) }
        table.append("folder", output)
        return table
    }
}
