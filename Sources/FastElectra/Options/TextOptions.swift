import ArgumentParser
import Corpus
import SystemPackage

/// The text to read.
struct TextOptions: ParsableArguments {
    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            Self.content, discussion: Self.names, valueName: "file"), completion: .file())
    var text: [FileNames]

    @OptionGroup var badLines: BadLinesOption

    /// The content that files may have.
    static let content = """
        UTF-8 text files; a document ends at a blank line. In .jsonl files each line is an object, and its 'text' is a \
        document. .fa, .fasta and .fna files are FASTA. Files may be compressed (.gz, .zst).
        """

    /// How many files are named at once.
    static let names = """
        A folder stands for all \(InputFiles.Content.text.endings.joined(separator: ", ")) files in it and in the folders \
        below it, in the order of their paths; .gz or .zst may follow. @LIST stands for the files that the file LIST \
        names, one path a line. NAME=FILE names the source (a language, a corpus) of FILE and of the files after it, \
        unless a file NAME=FILE exists; NAME has letters, digits, '.', '_' and '-'.
        """

    func find() throws -> NamedInput {
        try NamedInput(text.flatMap(\.paths), of: .text, badLines: badLines.badLines)
    }
}

extension FilePath: @retroactive ExpressibleByArgument {
    public init?(argument: String) {
        guard !argument.isEmpty else { return nil }
        self.init(argument)
    }
}
