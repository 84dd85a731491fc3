import ArgumentParser
import Corpus

/// The input that sequences are made from: text, or the ids of text that was tokenized elsewhere.
struct InputOptions: ParsableArguments {
    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            TextOptions.content, discussion: TextOptions.names, valueName: "file"), completion: .file())
    var text: [FileNames] = []

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Instead of --text, sequences that are tokenized already: .jsonl with 'input_ids', .npy, or .txt with tokens of vocab.txt.",
            discussion: "Folders and lists work as for --text. A folder stands for its .npy files, too.",
            valueName: "file"),
        completion: .file())
    var ids: [FileNames] = []

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Instead of --text, pairs of texts: two columns with a tab between, or .jsonl with 'text' and 'text_pair'.",
            discussion:
                "A pair is one sequence, [CLS] a [SEP] b [SEP] with token types. If it is too long, the longer text is cut first."
                + " Folders (.tsv and JSON lines), lists and names of sources work as for --text.", valueName: "file"),
        completion: .file())
    var pairs: [FileNames] = []

    @Option(
        help: ArgumentHelp(
            "Letters of FASTA that a sequence shares with the sequence before it.",
            discussion:
                "A record is cut into windows of '--max-length' tokens, [CLS] and [SEP] included. The last window may be short.",
            valueName: "n"))
    var overlap = 0

    @OptionGroup var badLines: BadLinesOption

    private var given: [(name: String, content: InputFiles.Content, files: [FileNames])] {
        [("--text", .text, text), ("--ids", .ids, ids), ("--pairs", .pairs, pairs)].filter { !$0.2.isEmpty }
    }

    func validate() throws {
        if given.isEmpty {
            throw ValidationError(
                "Missing expected argument '--text <file> ...', '--ids <file> ...' or '--pairs <file> ...'")
        }
        if given.count > 1 { throw ValidationError("Give '\(given[0].name)' or '\(given[1].name)', not both") }
    }

    /// - Parameter maxLength: tokens of a sequence.
    func find(maxLength: Int) throws -> NamedInput {
        guard 0...maxLength - 3 ~= overlap else {
            throw ValidationError(
                "'--overlap' takes 0 to \(maxLength - 3), because each window of \(maxLength - 2) letters must begin after the last, not \(overlap)"
            )
        }
        let input = try NamedInput(
            given[0].files.flatMap(\.paths), of: given[0].content, badLines: badLines.badLines, overlap: overlap)
        if overlap > 0, !input.hasFASTA {
            throw ValidationError("'--overlap' is for FASTA (.fa, .fasta, .fna), and no file is")
        }
        return input
    }
}
