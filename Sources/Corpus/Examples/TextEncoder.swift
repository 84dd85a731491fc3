/// Puts a text, or a pair of texts, between the special tokens of its model and cuts it to a length.
///
/// As `tokenizers` does it for transformers with `truncation=True`: longest first. WordPiece gives `[CLS] a [SEP]` and
/// `[CLS] a [SEP] b [SEP]`, with token type 1 from `b` on. Byte-level BPE gives `<s> a </s>` and `<s> a </s></s> b </s>`,
/// without token types.
public struct TextEncoder: Sendable {
    private let tokenizer: Tokenizer
    /// Tokens at most, special ones included.
    public let maxLength: Int

    /// The input of a model.
    public struct Encoded: Sendable, Hashable {
        public let tokens: [Int32]
        /// Where token type 1 begins; `nil` where there is none.
        public let secondSegment: Int?
        /// Whether tokens were left out.
        public let isCut: Bool
    }

    /// - Parameter maxLength: 5 or more, so that a pair has room for a token.
    public init(_ tokenizer: Tokenizer, maxLength: Int) {
        precondition(maxLength >= Self.leastLength)
        self.tokenizer = tokenizer
        self.maxLength = maxLength
    }

    /// The special tokens of a pair and one more.
    public static let leastLength = 5

    public var special: SpecialTokenIDs { tokenizer.vocabulary.special }

    public func encode(_ text: String, pair: String? = nil) -> Encoded {
        let first = tokenizer.encode(text)
        guard let pair else {
            let kept = min(first.count, maxLength - 2)
            return Encoded(
                tokens: [special.classification] + first[..<kept] + [special.separator], secondSegment: nil,
                isCut: kept < first.count)
        }
        let second = tokenizer.encode(pair)
        let separators = [Int32](repeating: special.separator, count: separatorsBetween)
        let room = maxLength - 2 - separators.count
        let kept = Self.longestFirst(first.count, second.count, room: room)
        let start = [special.classification] + first[..<kept.first] + separators
        var secondSegment: Int?
        if separators.count == 1 { secondSegment = start.count }
        return Encoded(
            tokens: start + second[..<kept.second] + [special.separator], secondSegment: secondSegment,
            isCut: kept.first < first.count || kept.second < second.count)
    }

    private var separatorsBetween: Int {
        switch tokenizer {
        case .wordPiece, .letters: 1
        case .byteLevel: 2
        }
    }

    /// How many tokens stay of each text: the longer one gives first, then both half of the room, the longer one the odd token
    /// (`truncate_encodings` of `tokenizers`; of two equally long texts the second one is the longer).
    package static func longestFirst(_ first: Int, _ second: Int, room: Int) -> (first: Int, second: Int) {
        if first + second <= room { return (first, second) }
        let shorter = min(first, second)
        let kept = shorter <= room / 2 ? (shorter, room - shorter) : (room / 2, room - room / 2)
        return first > second ? (kept.1, kept.0) : kept
    }
}
