/// Text to token ids, as one of the kinds of tokenizer that models come with.
///
/// The kind is looked at once a chunk; within a chunk nothing is dispatched.
public enum Tokenizer: Sendable {
    case wordPiece(WordPieceTokenizer)
    case byteLevel(ByteLevelTokenizer)
    case letters(LetterTokenizer)

    public var vocabulary: Vocabulary {
        switch self {
        case .wordPiece(let tokenizer): tokenizer.vocabulary
        case .byteLevel(let tokenizer): tokenizer.vocabulary
        case .letters(let tokenizer): tokenizer.vocabulary
        }
    }

    /// The ids of a chunk, without those that begin and end a sequence.
    ///
    /// A byte-level tokenizer takes the lines of a text file one by one, as RoBERTa's training text was taken: line breaks
    /// make no token. In a JSON string they do. To WordPiece a line break is a space, to letters it is nothing.
    public func encode(_ chunk: DocumentChunk) -> [Int32] {
        var ids: [Int32] = []
        // English has a token for every four to five bytes; room for that avoids growing.
        ids.reserveCapacity(chunk.isOfRecord ? chunk.bytes.count : chunk.bytes.count / 4)
        switch self {
        case .wordPiece(let tokenizer): tokenizer.encode(chunk.bytes.span, into: &ids)
        case .byteLevel(let tokenizer):
            if chunk.hasLineBreaks {
                tokenizer.encode(chunk.bytes.span, into: &ids)
            } else {
                tokenizer.encodeLines(of: chunk.bytes.span, into: &ids)
            }
        case .letters(let tokenizer): tokenizer.encode(chunk.bytes.span, into: &ids)
        }
        return ids
    }

    /// The ids of one text, line breaks and all.
    public func encode(_ text: String) -> [Int32] {
        switch self {
        case .wordPiece(let tokenizer): tokenizer.encode(text)
        case .byteLevel(let tokenizer): tokenizer.encode(text)
        case .letters(let tokenizer): tokenizer.encode(text)
        }
    }

    /// Whether the token begins a word. `id` must be one of the vocabulary's.
    public func startsWord(_ id: Int32) -> Bool {
        switch self {
        case .wordPiece(let tokenizer): tokenizer.vocabulary.startsWord(id)
        case .byteLevel(let tokenizer): tokenizer.text(of: id).first == UInt8(ascii: " ")
        case .letters(let tokenizer): tokenizer.vocabulary.bytes(of: id).count > 1
        }
    }

    /// The text that the token stands for, without the sign that it begins or continues a word. `id` must be one of the
    /// vocabulary's.
    public func text(of id: Int32) -> String {
        switch self {
        case .wordPiece(let tokenizer):
            let bytes = tokenizer.vocabulary.bytes(of: id)
            let prefix = tokenizer.vocabulary.startsWord(id) ? 0 : Vocabulary.continuation.count
            return String(decoding: bytes.dropFirst(prefix), as: UTF8.self)
        case .byteLevel(let tokenizer):
            let bytes = tokenizer.text(of: id)
            return String(decoding: bytes.dropFirst(startsWord(id) ? 1 : 0), as: UTF8.self)
        case .letters(let tokenizer): return tokenizer.vocabulary.token(id)
        }
    }
}
