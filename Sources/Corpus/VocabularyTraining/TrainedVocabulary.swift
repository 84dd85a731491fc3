/// A vocabulary from ``VocabularyTrainer``, and what it was made from.
public struct TrainedVocabulary: Sendable {
    /// The tokenizer that the vocabulary was trained for; `write(to:)` saves both.
    public let tokenizer: WordPieceTokenizer
    /// Words of the text, and how many different ones.
    public let words: Int
    public let distinctWords: Int
    /// Different characters that the alphabet's limit left out.
    public let droppedCharacters: Int
    /// Words that hold such a character or are too long, and so will always be `[UNK]`.
    public let unknownWords: Int
    public let invalidText: DocumentReader.InvalidText?

    public var vocabulary: Vocabulary { tokenizer.vocabulary }
}
