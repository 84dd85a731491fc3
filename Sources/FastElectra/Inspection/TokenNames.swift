import Corpus
import Storage
import SystemPackage

/// What to call tokens: by the vocabulary beside the shards, or by their ids where there is none.
struct TokenNames {
    private let tokenizer: Tokenizer?

    /// A tokenizer of another kind gives no names.
    init(besideShards folder: FilePath) {
        tokenizer = try? Tokenizer(folder: folder)
    }

    /// The token's own text; control characters are shown as what they are, so that no text reaches a terminal as a
    /// command.
    func name(of id: Int32) -> String {
        guard let tokenizer, isKnown(id) else { return "#\(id)" }
        return printable(tokenizer.vocabulary.token(id))
    }

    private func isKnown(_ id: Int32) -> Bool {
        guard let tokenizer else { return false }
        return id >= 0 && id < tokenizer.vocabulary.count
    }

    private func printable(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { text, scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator:
                text += "\\u{" + String(scalar.value, radix: 16) + "}"
            default: text.unicodeScalars.append(scalar)
            }
        }
    }

    func startsWord(_ id: Int32) -> Bool {
        guard let tokenizer, isKnown(id) else { return true }
        return tokenizer.startsWord(id)
    }

    /// Tokens as running text: a space before each that starts a word.
    func text(of ids: some Sequence<Int32>, mark: (Int, String) -> String = { $1 }) -> String {
        var text = ""
        for (index, id) in ids.enumerated() {
            let joins = !startsWord(id) && index > 0
            if !joins && index > 0 { text += " " }
            text += mark(index, isKnown(id) ? printable(tokenizer?.text(of: id) ?? "") : name(of: id))
        }
        return text
    }
}
