import ArgumentParser
import Corpus
import Storage
import SystemPackage

/// What sequences are made from: text, or the ids of text that was tokenised elsewhere.
struct InputOptions: ParsableArguments {
    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "UTF-8 text; a document ends at a blank line. In .jsonl, a line's 'text' is one. .gz and .zst are read as they are.",
            valueName: "file"), completion: .file())
    var text: [FilePath] = []

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Instead of --text, what is tokenised already: .jsonl with 'input_ids', .npy, or .txt with tokens of vocab.txt.",
            valueName: "file"), completion: .file())
    var ids: [FilePath] = []

    func validate() throws {
        guard text.isEmpty != ids.isEmpty else {
            throw ValidationError(
                text.isEmpty
                    ? "Missing expected argument '--text <file> ...' or '--ids <file> ...'"
                    : "Give '--text' or '--ids', not both")
        }
    }

    /// The name under which the person knows the input.
    var name: String { ids.isEmpty ? "--text" : "--ids" }

    /// One of the two is empty.
    var files: [FilePath] { text + ids }

    func fingerprint() throws -> String { try TextOptions.fingerprint(of: files) }

    /// - Parameter folder: has the tokenizer, or tells at least the special ids.
    func open(folder: FilePath) throws -> CorpusInput {
        try ids.isEmpty ? .text(text, tokenizer: folder) : .ids(ids, model: folder)
    }
}
