/// Text to token ids character by character, as models of nucleotides have it.
///
/// A token is a character of ASCII. A letter that has no token reads as its other case, if that has one; ASCII whitespace is passed over; all
/// else is unknown.
///
/// A value does not change: any number of threads may share one.
public struct LetterTokenizer: Sendable {
    public let vocabulary: Vocabulary
    private let unknown: Int32
    /// [128] The id of each character of ASCII, or `passedOver`.
    private let ids: [Int32]

    private static let passedOver: Int32 = -1

    /// `vocabulary` must have an unknown token.
    init(vocabulary: Vocabulary) {
        guard let unknown = vocabulary.special.unknown else {
            preconditionFailure("vocabularies are made with an unknown token, unless they spell all text")
        }
        self.vocabulary = vocabulary
        self.unknown = unknown
        ids = (UInt8(0)..<0x80).map { byte in
            if isASCIIWhitespace(byte) { return Self.passedOver }
            if let id = vocabulary.id(of: [byte].span) { return id }
            guard let other = Self.otherCase(byte) else { return unknown }
            return vocabulary.id(of: [other].span) ?? unknown
        }
    }

    private static func otherCase(_ byte: UInt8) -> UInt8? {
        UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 ? byte ^ 0x20 : nil
    }

    /// Appends the ids of `text` (UTF-8) to `ids`, without `[CLS]` and `[SEP]`.
    public func encode(_ text: Span<UInt8>, into ids: inout [Int32]) {
        var position = 0
        while position < text.count {
            let byte = text[position]
            if byte < 0x80 {
                let id = self.ids[Int(byte)]
                if id != Self.passedOver { ids.append(id) }
                position += 1
            } else {
                ids.append(unknown)
                position = decodeScalar(text, at: position).1
            }
        }
    }

    public func encode(_ text: String) -> [Int32] {
        var ids: [Int32] = []
        encode(Array(text.utf8).span, into: &ids)
        return ids
    }

    /// Letters that read as another one, and which, in the order of their codes.
    var folds: [(letter: Character, other: Character)] {
        (UInt8(0)..<0x80).compactMap { byte in
            guard let other = Self.otherCase(byte), vocabulary.id(of: [byte].span) == nil,
                vocabulary.id(of: [other].span) != nil
            else { return nil }
            return (Character(Unicode.Scalar(byte)), Character(Unicode.Scalar(other)))
        }
    }
}
