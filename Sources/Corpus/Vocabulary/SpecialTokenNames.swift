/// The names of the tokens that stand for no text.
public struct SpecialTokenNames: Sendable, Hashable {
    public var padding = "[PAD]"
    public var unknown = "[UNK]"
    public var classification = "[CLS]"
    public var separator = "[SEP]"
    public var mask = "[MASK]"

    /// BERT's.
    public init() {}

    /// RoBERTa's.
    static let roberta = {
        var tokens = SpecialTokenNames()
        tokens.padding = "<pad>"
        tokens.unknown = "<unk>"
        tokens.classification = "<s>"
        tokens.separator = "</s>"
        tokens.mask = "<mask>"
        return tokens
    }()

    /// In the order in which a trained vocabulary starts.
    public var all: [String] { [padding, unknown, classification, separator, mask] }
}

/// The ids of the special tokens in a vocabulary.
public struct SpecialTokenIDs: Sendable, Hashable {
    public let padding: Int32
    /// Nil where there is no text that the vocabulary cannot spell.
    public let unknown: Int32?
    public let classification: Int32
    public let separator: Int32
    public let mask: Int32

    /// All of them.
    public var all: Set<Int32> {
        Set([padding, classification, separator, mask] + (unknown.map { [$0] } ?? []))
    }

    /// Whether `id` stands for no text: such tokens are never masked.
    public func contains(_ id: Int32) -> Bool {
        id == padding || id == unknown || id == classification || id == separator || id == mask
    }
}
