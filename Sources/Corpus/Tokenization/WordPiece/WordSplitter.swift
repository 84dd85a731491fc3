/// Splits text into words as BERT does: Hugging Face's `BertNormalizer` (clean-up, ideographs apart, accents, case),
/// then `BertPreTokenizer` (spaces, punctuation).
struct WordSplitter: Sendable {
    /// Scalars of the longest word that is tokenized; a longer one is unknown.
    static let longestWord = 100

    let lowercases: Bool
    let stripsAccents: Bool
    let separatesIdeographs: Bool
    private let characters = BertCharacters.shared
    /// The entry of each ASCII byte: its word character in lower case where asked, or one of the actions.
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

    /// Passes each word of `text` (UTF-8) to `body`, normalized; nil for one of more than ``longestWord`` scalars.
    @inline(__always)
    func forEachWord(in text: Span<UInt8>, _ body: (Span<UInt8>?) -> Void) {
        var storage = [UInt8](repeating: 0, count: 4 * Self.longestWord)
        var word = WordBuffer(storage.mutableSpan)
        var position = 0
        while nextWord(of: text, from: &position, into: &word) {
            if word.isTooLong { body(nil) } else { body(word.bytes) }
        }
    }

    /// Reads the next word from `position` on; false where there is none.
    private func nextWord(of text: Span<UInt8>, from position: inout Int, into word: inout WordBuffer) -> Bool {
        word.clear()
        while position < text.count {
            let byte = text[position]
            if byte < 0x80 {
                let action = ascii[Int(byte)]
                if action < 0x80 {
                    word.append(ascii: action)
                } else if action == Self.punctuation {
                    // A character that stands alone ends the word before it, and is read when it comes first.
                    if !word.isEmpty { break }
                    position += 1
                    word.append(ascii: byte)
                    return true
                } else if action == Self.space, !word.isEmpty {
                    break
                }
                position += 1
            } else {
                let (scalar, next) = decodeScalar(text, at: position)
                switch read(scalar, into: &word) {
                case .more: position = next
                case .endsBefore: return true
                case .endsAfter:
                    position = next
                    return true
                }
            }
        }
        word.settleMarks()
        return !word.isEmpty
    }

    private enum Reading {
        case more
        /// The word is complete without the scalar.
        case endsBefore
        /// The word is complete with it.
        case endsAfter
    }

    private func read(_ scalar: UInt32, into word: inout WordBuffer) -> Reading {
        let traits = characters.traits(of: scalar)
        if traits.contains(.removed) { return .more }
        if traits.contains(.space) { return word.isEmpty ? .more : end(&word, .endsBefore) }
        let isIdeograph = separatesIdeographs && traits.contains(.ideograph)
        if isIdeograph || isPunctuation(scalar, traits) {
            if !word.isEmpty { return end(&word, .endsBefore) }
            append(scalar, traits, to: &word)
            return end(&word, .endsAfter)
        }
        append(scalar, traits, to: &word)
        return .more
    }

    private func end(_ word: inout WordBuffer, _ reading: Reading) -> Reading {
        word.settleMarks()
        return reading
    }

    /// Whether the scalar is punctuation, or becomes some: the Greek question mark decomposes to a semicolon.
    private func isPunctuation(_ scalar: UInt32, _ traits: BertCharacters.Traits) -> Bool {
        guard stripsAccents, traits.contains(.decomposes), let base = characters.base(of: scalar) else {
            return traits.contains(.punctuation)
        }
        return characters.traits(of: base).contains(.punctuation)
    }

    private func append(_ scalar: UInt32, _ traits: BertCharacters.Traits, to word: inout WordBuffer) {
        if !stripsAccents {
            appendLowercased(scalar, traits, to: &word)
        } else if traits.contains(.mark) {
            // A mark of class 0 is dropped, but those on its two sides do not trade places.
            if !traits.contains(.ordered) { word.settleMarks() }
        } else if traits.contains(.decomposes) {
            characters.decompose(scalar) { appendOrdered($0, characters.traits(of: $0), to: &word) }
        } else {
            appendOrdered(scalar, traits, to: &word)
        }
    }

    private func appendOrdered(_ scalar: UInt32, _ traits: BertCharacters.Traits, to word: inout WordBuffer) {
        if traits.contains(.ordered) {
            // No mark that stripping keeps has a lower case.
            word.append(mark: scalar, combiningClass: characters.combiningClass(of: scalar))
        } else {
            appendLowercased(scalar, traits, to: &word)
        }
    }

    private func appendLowercased(_ scalar: UInt32, _ traits: BertCharacters.Traits, to word: inout WordBuffer) {
        if lowercases, traits.contains(.hasLowercase) {
            characters.lowercase(scalar) { word.append($0) }
        } else {
            word.append(scalar)
        }
    }
}
