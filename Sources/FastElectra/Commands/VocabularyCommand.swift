import ArgumentParser
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
    }
}
