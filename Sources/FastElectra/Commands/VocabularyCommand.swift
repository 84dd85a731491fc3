import ArgumentParser
import Corpus
import FoundationEssentials
import Storage
import SystemPackage
import Terminal
import Training

/// `fast-electra vocab`: learns a WordPiece vocabulary from text.
struct VocabularyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vocab", abstract: "Learn a WordPiece vocabulary from text.")

    @OptionGroup var input: TextOptions

    @Option(help: ArgumentHelp("Entries in the vocabulary, special tokens included.", valueName: "n"))
    var size = 8192

    @Option(
        help: ArgumentHelp(
            "Characters that the vocabulary can spell, the most frequent ones.",
            discussion:
                "If left out, as many as make up 99.95 % of the text, and at least 1,000. A word with any other is [UNK].",
            valueName: "n"))
    var alphabet: Int?

    @Flag(help: "Keep letter case and accents.")
    var cased = false

    @Option(help: ArgumentHelp("Folder to write.", valueName: "dir"), completion: .directory)
    var out: FilePath

    @OptionGroup var progress: ProgressOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (6...Int(Int32.max)).contains(size) else {
            throw ValidationError("'--size' takes 6 or more, not \(size)")
        }
        if let alphabet, !(1...Int(Int32.max)).contains(alphabet) {
            throw ValidationError("'--alphabet' takes 1 or more, not \(alphabet)")
        }
    }

    func run() throws {
        Interruption.listen()
        let input = try input.find()
        _ = try FileSnapshot(of: input.files)
        try Folder(out).create()
        let lock = try FolderLock(out)
        defer { lock.release() }
        let own = [
            "--size": "\(size)", "--alphabet": alphabet.map { "\($0)" } ?? "by coverage", "--cased": "\(cased)",
        ]
        let parameters = RunParameters(try input.parameters().merging(own) { $1 }, command: "vocab")
        try parameters.check(against: out)
        if var earlier = try VocabularyResult.read(from: out) {
            earlier.didWork = false
            return try output.print(earlier)
        }

        let start = ContinuousClock.now
        let trained = try train(on: input)
        try lock.check()
        try parameters.bind(to: out)
        try trained.tokenizer.write(to: out)
        let result = VocabularyResult(
            didWork: true, entries: trained.tokenizer.vocabulary.count, words: trained.words,
            distinctWords: trained.distinctWords, keptCharacters: trained.keptCharacters,
            droppedCharacters: trained.droppedCharacters, characterCoverage: trained.characterCoverage,
            unknownWords: trained.unknownWords, invalidLines: trained.counts.invalidLines.count,
            skippedLines: trained.counts.skippedLines.count, loneSurrogates: trained.counts.loneSurrogates.count,
            seconds: (ContinuousClock.now - start) / .seconds(1), output: out.string)
        TextWarnings(counts: trained.counts, files: input.files).showReplacements()
        if result.unknownShare > DataHealth.unknownLimit {
            Warning.show(
                "\(Quantity.percent(result.unknownShare)) of the words are unknown ones, because they have characters that the"
                    + " vocabulary lacks. Ask for more characters")
        }
        try result.write(to: out)
        try output.print(result)
    }

    private func train(on input: NamedInput) throws -> TrainedVocabulary {
        let counting = ProgressDisplay("Counting words", unit: "bytes", style: progress.progress)
        let merging = ProgressDisplay("Merging pieces", unit: "pieces", style: progress.progress)
        var trainer = VocabularyTrainer(size: size, configuration: TokenizerConfiguration(lowercases: !cased))
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

/// What `vocab` prints, and keeps in its folder as the sign that the work is done.
struct VocabularyResult: CommandResult, Codable {
    private static let fileName = "summary.json"

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
    let output: String

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
                ? "UTF-8" : "\(Quantity.count(invalidLines)) lines are not UTF-8: is the text in another encoding?",
        ])
        if skippedLines > 0 { table.append("lines left out", Quantity.count(skippedLines)) }
        table.append("folder", output)
        return table
    }

    /// The result of the same work done before, if it came to its end.
    static func read(from folder: FilePath) throws -> VocabularyResult? {
        guard Folder(folder).contains(fileName) else { return nil }
        let bytes = try RandomAccessFile.contents(of: folder.appending(fileName))
        // A summary that cannot be read is no sign: the work is done again.
        return try? JSONDecoder().decode(VocabularyResult.self, from: Data(bytes))
    }

    func write(to folder: FilePath) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try DurableFile.write(Array(encoder.encode(self)) + [UInt8(ascii: "\n")], to: folder.appending(Self.fileName))
    }
}
