/// Splits text into words as BERT does: Hugging Face's `BertNormalizer` (clean-up, ideographs apart, accents, case),
/// then `BertPreTokenizer` (spaces, punctuation).
struct WordSplitter: Sendable {
    /// Scalars of the longest word that is tokenised; a longer one is unknown.
    static let longestWord = 100

    let lowercases: Bool
    let stripsAccents: Bool
    let separatesIdeographs: Bool
    private let characters = BertCharacters.shared
    /// What to do with each ASCII byte: its word character in lower case where asked, or one of the actions.
    private let ascii: [UInt8]

    private static let space: UInt8 = 0x80
    private static let punctuation: UInt8 = 0x81
    private static let removed: UInt8 = 0x82

    init(lowercases: Bool, stripsAccents: Bool, separatesIdeographs: Bool) {
        self.lowercases = lowercases
        self.stripsAccents = stripsAccents
        self.separatesIdeographs = separatesIdeographs
        let characters = characters
        ascii = (UInt8(0)..<0x80).map { byte in
            let traits = characters.traits(of: UInt32(byte))
            if traits.contains(.space) { return Self.space }
            if traits.contains(.removed) { return Self.removed }
            if traits.contains(.punctuation) { return Self.punctuation }
            return lowercases && traits.contains(.hasLowercase) ? byte | 0x20 : byte
        }
    }

    init(_ configuration: TokenizerConfiguration) {
        self.init(
            lowercases: configuration.lowercases,
            stripsAccents: configuration.stripsAccents ?? configuration.lowercases,
            separatesIdeographs: configuration.separatesIdeographs)
    }

    /// Passes each word of `text` (UTF-8) to `body`, normalised; nil for one of more than ``longestWord`` scalars.
    @inline(__always)
    func forEachWord(in text: Span<UInt8>, _ body: (Span<UInt8>?) -> Void) {
        var storage = [UInt8](repeating: 0, count: 4 * Self.longestWord)
        var word = WordBuffer(storage.mutableSpan)
        let ascii = ascii.span
        var position = 0
        while position < text.count {
            let byte = text[position]
            if byte < 0x80 {
                position += 1
                let action = ascii[Int(byte)]
                if action < 0x80 {
                    word.append(ascii: action)
                } else if action != Self.removed {
                    word.finish(body)
                    if action == Self.punctuation {
                        word.append(ascii: byte)
                        word.finish(body)
                    }
                }
            } else {
                let (scalar, next) = decodeScalar(text, at: position)
                position = next
                append(scalar, to: &word, body)
            }
        }
        word.finish(body)
    }

    private func append(_ scalar: UInt32, to word: inout WordBuffer, _ body: (Span<UInt8>?) -> Void) {
        let traits = characters.traits(of: scalar)
        if traits.contains(.removed) { return }
        if traits.contains(.space) { return word.finish(body) }
        let standsApart = separatesIdeographs && traits.contains(.ideograph)
        if standsApart { word.finish(body) }
        if !stripsAccents {
            appendLowercased(scalar, traits, to: &word, body)
        } else if traits.contains(.mark) {
            // A mark of class 0 is dropped, but those on its two sides do not trade places.
            if !traits.contains(.ordered) { word.settleMarks() }
        } else if traits.contains(.decomposes) {
            characters.decompose(scalar) { appendOrdered($0, characters.traits(of: $0), to: &word, body) }
        } else {
            appendOrdered(scalar, traits, to: &word, body)
        }
        if standsApart { word.finish(body) }
    }

    private func appendOrdered(
        _ scalar: UInt32, _ traits: BertCharacters.Traits, to word: inout WordBuffer, _ body: (Span<UInt8>?) -> Void
    ) {
        if traits.contains(.ordered) {
            // No mark that stripping keeps has a lower case.
            word.append(mark: scalar, combiningClass: characters.combiningClass(of: scalar))
        } else {
            appendLowercased(scalar, traits, to: &word, body)
        }
    }

    private func appendLowercased(
        _ scalar: UInt32, _ traits: BertCharacters.Traits, to word: inout WordBuffer, _ body: (Span<UInt8>?) -> Void
    ) {
        if traits.contains(.punctuation) {
            word.finish(body)
            word.append(scalar)
            word.finish(body)
        } else if lowercases, traits.contains(.hasLowercase) {
            characters.lowercase(scalar) { word.append($0) }
        } else {
            word.append(scalar)
        }
    }
}
