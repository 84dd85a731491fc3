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

    @OptionGroup var output: OutputOptions

    func run() throws {
        Interruption.listen()
        try Folder(out).create()
        try RunParameters(["--text": try input.fingerprint(), "--size": "\(size)", "--cased": "\(cased)"]).bind(to: out)
        if var earlier = try VocabularyResult.read(from: out) {
            earlier.didWork = false
            return try output.print(earlier)
        }

        let start = ContinuousClock.now
        let tokenizer = try learnTokenizer()
        try tokenizer.write(to: out)
        let result = VocabularyResult(
            didWork: true, entries: tokenizer.vocabulary.count, seconds: (ContinuousClock.now - start) / .seconds(1),
            output: out.string)
        try result.write(to: out)
        try output.print(result)
    }

    private func learnTokenizer() throws -> WordPieceTokenizer {
        // With Corpus's trainer: let bar = ProgressBar("Counting words", unit: "bytes"), its progress to bar.show,
        // Interruption.isRequested for it to poll, then bar.finish() and try Interruption.check().
        throw VocabularyTrainingMissing()
    }
}

/// Corpus cannot learn a vocabulary yet.
private struct VocabularyTrainingMissing: ExplainedError {
    var blame: Blame { .environment }
    var location: ErrorLocation? { nil }
    var problem: String { "this build cannot learn a vocabulary yet" }
    var remedy: String { "Use the vocab.txt of a Hugging Face folder" }
}

/// What `vocab` prints, and keeps in its folder as the sign that the work is done.
struct VocabularyResult: CommandResult, Codable {
    private static let fileName = "summary.json"

    /// False where the vocabulary was there already.
    var didWork: Bool
    let entries: Int
    let seconds: Double
    /// The folder, to be given to `mlm --vocab`.
    let output: String

    var table: Table {
        Table([
            didWork ? "learned" : "done before": "\(Quantity.count(entries)) pieces in \(Quantity.time(seconds))",
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
