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

    /// What files may hold.
    static let content = """
        UTF-8 text; a document ends at a blank line. In .jsonl, a line's 'text' is one. .fa, .fasta and .fna are FASTA. .gz and \
        .zst are read as they are.
        """

    /// How many files are named at once.
    static let names = """
        A folder stands for all of its \(InputFiles.Content.text.endings.joined(separator: ", ")) files, those of the \
        folders below it included, in the order of their paths; .gz or .zst may follow. @LIST stands for the names in the \
        file LIST, one a line. NAME=FILE names the source (a language, a corpus) of FILE and of the files behind it, \
        unless something lies at the path NAME=FILE; NAME has letters, digits, '.', '_' and '-'.
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
