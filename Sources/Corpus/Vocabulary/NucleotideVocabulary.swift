import Storage

/// A vocabulary of single nucleotides: seven special tokens, the letters A, C, G and T, and sixteen reserved tokens.
///
/// NucEL (Ding et al. 2025, arXiv 2508.13191) has as many of each. Other letters take the places of reserved tokens, so that 27 tokens
/// stay 27, and the ids of the others stay the same.
public struct NucleotideVocabulary: Sendable {
    /// Letters besides A, C, G and T, each once.
    public let otherLetters: [Character]
    /// Whether lower case is text of its own; otherwise it reads as upper case.
    public let isCased: Bool

    private static let nucleotides: [Character] = ["A", "C", "G", "T"]
    private static let reservedCount = 16

    /// - Parameter otherLetters: those that are tokens besides A, C, G and T, in any case: `N`, or IUPAC's codes for several nucleotides.
    /// - Throws: ``CorpusError`` of ``CorpusError/Kind/unusableLetter(_:)`` for a character that FASTA has not.
    public init(otherLetters: String = "", isCased: Bool = false) throws(CorpusError) {
        var letters: [Character] = []
        for letter in otherLetters {
            guard let byte = letter.asciiValue, letter.isLetter || letter == "*" || letter == "-" else {
                throw CorpusError(
                    .unusableLetter(letter), "'\(letter)' is not a letter of FASTA",
                    remedy: "Give letters of ASCII, * and -, such as NRY", blame: .usage)
            }
            let upper = letter.isLetter ? Character(Unicode.Scalar(byte & ~0x20)) : letter
            if !Self.nucleotides.contains(upper), !letters.contains(upper) { letters.append(upper) }
        }
        self.otherLetters = letters
        self.isCased = isCased
    }

    /// The tokens in the order of their ids.
    public var tokens: [String] {
        var others = otherLetters
        if isCased {
            others += (Self.nucleotides + otherLetters).filter(\.isLetter).flatMap { Array($0.lowercased()) }
        }
        let reserved = max(0, Self.reservedCount - others.count)
        return SpecialTokenNames().all + ["[BOS]", "[EOS]"] + (Self.nucleotides + others).map { String($0) }
            + (0..<reserved).map { "[unused\($0)]" }
    }

    public func tokenizer() throws(CorpusError) -> LetterTokenizer {
        LetterTokenizer(vocabulary: try Vocabulary(tokens))
    }
}
