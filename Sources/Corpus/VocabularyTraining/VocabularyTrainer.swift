import Storage
import SystemPackage

/// What training a vocabulary reports while it works.
public enum VocabularyTrainingProgress: Sendable, Hashable {
    case counting(bytes: Int, of: Int)
    case merging(pieces: Int, of: Int)
}

/// A vocabulary learned from text, and what was seen on the way.
public struct TrainedVocabulary: Sendable {
    public let tokenizer: WordPieceTokenizer
    /// Words in the text.
    public let wordCount: Int
    public let distinctWordCount: Int
    /// Distinct characters too rare to be in the alphabet; words with them become `[UNK]`.
    public let droppedCharacterCount: Int
}

/// Learns a WordPiece vocabulary from text files, as Hugging Face's `BertWordPieceTokenizer.train` does: special tokens,
/// the 1,000 most frequent characters, then merged pairs.
///
/// The same files give the same vocabulary.
public struct VocabularyTrainer: Sendable {
    /// Entries of the vocabulary, special tokens included. Text with too few frequent pairs gives fewer.
    public let size: Int
    public let configuration: TokenizerConfiguration

    public init(size: Int, configuration: TokenizerConfiguration) {
        self.size = size
        self.configuration = configuration
    }

    /// - Throws: ``CorpusError`` where the files cannot be read or hold no word, or the size is below that of the alphabet;
    ///   `CancellationError` if interrupted.
    public func train(
        on files: [FilePath], progress: (VocabularyTrainingProgress) -> Void, isInterrupted: () -> Bool
    ) throws -> TrainedVocabulary {
        let counts = try WordCounts(
            of: files, splitter: WordSplitter(configuration),
            progress: { progress(.counting(bytes: $0, of: $1)) }, isInterrupted: isInterrupted)
        guard counts.total > 0, let file = files.first else {
            throw CorpusError(
                .noText, "there is no word in the text", at: files.first.map { ErrorLocation(file: $0.string) },
                remedy: "Give files of UTF-8 text")
        }
        // In the order of their first occurrence, which does not depend on hashing.
        let words = counts.counts.indices.map { index in
            let bytes = counts.words[index]
            return (scalars: Array(String(decoding: bytes, as: UTF8.self).unicodeScalars), count: counts.counts[index])
        }
        let alphabet = PieceAlphabet(words)
        let special = configuration.specialTokens.all
        let needed = special.count + alphabet.pieces.count
        guard size >= needed else {
            throw CorpusError(
                .vocabularyTooSmall(asked: size, needed: needed),
                "a vocabulary of \(size) has no room for the \(needed) special tokens and characters of the text",
                at: ErrorLocation(file: file.string), remedy: "Ask for a larger size")
        }
        var merging = PairMerging(
            alphabet: alphabet.pieces, words: words.map { (alphabet.pieces(of: $0.scalars), $0.count) })
        while special.count + merging.pieces.count < size {
            if isInterrupted() { throw CancellationError() }
            guard merging.mergeNext() else { break }
            progress(.merging(pieces: special.count + merging.pieces.count, of: size))
        }
        // A piece of the text may look like a special token only if punctuation is not split off; it is.
        let vocabulary = try Vocabulary(special + merging.pieces, specialTokens: configuration.specialTokens)
        return TrainedVocabulary(
            tokenizer: WordPieceTokenizer(vocabulary: vocabulary, configuration: configuration),
            wordCount: counts.total, distinctWordCount: counts.counts.count,
            droppedCharacterCount: alphabet.droppedCount)
    }
}
