import ArgumentParser
import Corpus
import FoundationEssentials
import Storage
import SystemPackage
import Terminal

/// `fast-electra vocab`: learns a WordPiece vocabulary from text.
struct VocabularyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vocab", abstract: "Learn a WordPiece vocabulary from text.")

    @OptionGroup var input: TextOptions

    @Option(help: ArgumentHelp("Entries in the vocabulary, special tokens included.", valueName: "n"))
    var size = 8192

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
    }

    func run() throws {
        Interruption.listen()
        _ = try FileSnapshot(of: input.text)
        try Folder(out).create()
        let lock = try FolderLock(out)
        defer { lock.release() }
        let parameters = RunParameters(
            ["--text": try input.fingerprint(), "--size": "\(size)", "--cased": "\(cased)"], command: "vocab")
        try parameters.check(against: out)
        if var earlier = try VocabularyResult.read(from: out) {
            earlier.didWork = false
            return try output.print(earlier)
        }

        let start = ContinuousClock.now
        let trained = try train()
        try lock.check()
        try parameters.bind(to: out)
        try trained.tokenizer.write(to: out)
        let result = VocabularyResult(
            didWork: true, entries: trained.tokenizer.vocabulary.count, words: trained.words,
            distinctWords: trained.distinctWords, droppedCharacters: trained.droppedCharacters,
            unknownWords: trained.unknownWords, invalidLines: trained.invalidText?.lines ?? 0,
            seconds: (ContinuousClock.now - start) / .seconds(1), output: out.string)
        try result.write(to: out)
        try output.print(result)
    }

    private func train() throws -> TrainedVocabulary {
        let counting = ProgressDisplay("Counting words", unit: "bytes", style: progress.progress)
        let merging = ProgressDisplay("Merging pieces", unit: "pieces", style: progress.progress)
        let trainer = VocabularyTrainer(size: size, configuration: TokenizerConfiguration(lowercases: !cased))
        let trained = try trainer.train(
            on: input.text,
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
    /// Distinct characters too rare for the alphabet, and the words (not distinct ones) that have them.
    let droppedCharacters: Int
    let unknownWords: Int
    /// Lines that are not UTF-8.
    let invalidLines: Int
    let seconds: Double
    /// The folder, to be given to `mlm --vocab`.
    let output: String

    var table: Table {
        Table([
            didWork ? "learned" : "done before": "\(Quantity.count(entries)) pieces in \(Quantity.time(seconds))",
            "text": "\(Quantity.count(words)) words, \(Quantity.count(distinctWords)) distinct",
            "characters": droppedCharacters == 0
                ? "all kept"
                : "\(Quantity.count(droppedCharacters)) rare ones left out: \(Quantity.count(unknownWords)) words are unknown",
            "encoding": invalidLines == 0
                ? "UTF-8" : "\(Quantity.count(invalidLines)) lines are not UTF-8: is the text in another encoding?",
            "folder": output,
        ])
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
