/// A vocabulary from ``VocabularyTrainer``, and counts of the text that it was made from.
public struct TrainedVocabulary: Sendable {
    /// The tokenizer that the vocabulary was trained for; `write(to:)` saves both.
    public let tokenizer: WordPieceTokenizer
    /// Words of the text, and how many different ones.
    public let words: Int
    public let distinctWords: Int
    /// Different characters of the alphabet.
    public let keptCharacters: Int
    /// Different characters that are too rare for the alphabet.
    public let droppedCharacters: Int
    /// The share of the text's characters that the alphabet has, from 0 to 1.
    public let characterCoverage: Double
    /// Words that hold another character or are too long, and so will always be `[UNK]`.
    public let unknownWords: Int
    /// Counts of the text that was read, without tokens.
    public let counts: TextCounts

    public var vocabulary: Vocabulary { tokenizer.vocabulary }
}
