import Corpus
import Storage
import SystemPackage

/// What to call tokens: by the vocabulary beside the shards, or by their ids where there is none.
struct TokenNames {
    private let vocabulary: Vocabulary?

    init(besideShards folder: FilePath) throws {
        vocabulary = Folder(folder).contains("vocab.txt") ? try WordPieceTokenizer(folder: folder).vocabulary : nil
    }

    /// The token's own text; control characters are shown as what they are, so that no text reaches a terminal as a
    /// command.
    func name(of id: Int32) -> String {
        guard let vocabulary, id >= 0, id < vocabulary.count else { return "#\(id)" }
        return vocabulary.token(id).unicodeScalars.reduce(into: "") { text, scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator:
                text += "\\u{" + String(scalar.value, radix: 16) + "}"
            default: text.unicodeScalars.append(scalar)
            }
        }
    }

    func startsWord(_ id: Int32) -> Bool {
        guard let vocabulary, id >= 0, id < vocabulary.count else { return true }
        return vocabulary.startsWord(id)
    }

    /// Tokens as running text: a space before each that starts a word.
    func text(of ids: some Sequence<Int32>, mark: (Int, String) -> String = { $1 }) -> String {
        var text = ""
        for (index, id) in ids.enumerated() {
            let joins = !startsWord(id) && index > 0
            if !joins && index > 0 { text += " " }
            let name = name(of: id)
            text += mark(index, joins ? String(name.unicodeScalars.dropFirst(2)) : name)
        }
        return text
    }
}
