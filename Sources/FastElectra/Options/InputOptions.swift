import ArgumentParser
import Corpus

/// What sequences are made from: text, or the ids of text that was tokenised elsewhere.
struct InputOptions: ParsableArguments {
    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "UTF-8 text; a document ends at a blank line. In .jsonl, a line's 'text' is one. .gz and .zst are read as they are.",
            discussion: TextOptions.names, valueName: "file"), completion: .file())
    var text: [FileNames] = []

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Instead of --text, what is tokenised already: .jsonl with 'input_ids', .npy, or .txt with tokens of vocab.txt.",
            discussion: "Folders and lists as for --text; of a folder also the .npy files.", valueName: "file"),
        completion: .file())
    var ids: [FileNames] = []

    @OptionGroup var badLines: BadLinesOption

    func validate() throws {
        guard text.isEmpty != ids.isEmpty else {
            throw ValidationError(
                text.isEmpty
                    ? "Missing expected argument '--text <file> ...' or '--ids <file> ...'"
                    : "Give '--text' or '--ids', not both")
        }
    }

    func find() throws -> NamedInput {
        try ids.isEmpty
            ? NamedInput(text.flatMap(\.paths), of: .text, badLines: badLines.badLines)
            : NamedInput(ids.flatMap(\.paths), of: .ids, badLines: badLines.badLines)
    }
}
