import Corpus
import Storage

/// The names of tokens: from the vocabulary of the shards, or their ids where there is none.
package struct TokenNames {
    private let tokenizer: Tokenizer?

    package init(_ tokenizer: Tokenizer?) {
        self.tokenizer = tokenizer
    }

    /// The token's own text.
    package func name(of id: Int32) -> String {
        guard let tokenizer, isKnown(id) else { return "#\(id)" }
        return Self.shown(tokenizer.vocabulary.token(id))
    }

    /// Control characters are spelled out, so that no text reaches a terminal as a command; and a vocabulary may
    /// hold tokens of any length, a line or a page may not.
    private static func shown(_ text: String) -> String {
        let text = text.printable
        return text.unicodeScalars.count <= 60 ? text : String(text.unicodeScalars.prefix(60)) + "…"
    }

    private func isKnown(_ id: Int32) -> Bool {
        guard let tokenizer else { return false }
        return id >= 0 && id < tokenizer.vocabulary.count
    }

    package func startsWord(_ id: Int32) -> Bool {
        guard let tokenizer, isKnown(id) else { return true }
        return tokenizer.startsWord(id)
    }

    /// A token as it stands in a text.
    package func piece(_ id: Int32, isFirst: Bool = false) -> (text: String, startsWord: Bool) {
        let text = isKnown(id) ? Self.shown(tokenizer?.text(of: id) ?? "") : name(of: id)
        return (text, isFirst || startsWord(id))
    }

    /// Tokens as running text: a space before each that starts a word.
    package func text(of ids: some Sequence<Int32>, mark: (Int, String) -> String = { $1 }) -> String {
        var text = ""
        for (index, id) in ids.enumerated() {
            let piece = piece(id, isFirst: index == 0)
            if piece.startsWord && index > 0 { text += " " }
            text += mark(index, piece.text)
        }
        return text
    }
}
