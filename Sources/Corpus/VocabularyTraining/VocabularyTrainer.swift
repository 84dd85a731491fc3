import Storage
import SystemPackage

/// Trains a WordPiece vocabulary as Hugging Face's `BertWordPieceTokenizer.train` does: byte-pair merges over words, with
/// `##` on pieces that continue one.
///
/// It differs where that one depends on the order of a hash table (which of several equally frequent pairs comes first):
/// here the same text gives the same vocabulary. And words with a character outside the alphabet do not count, since they
/// are always `[UNK]`; there, the character is left out and its neighbors are joined.
public struct VocabularyTrainer: Sendable {
    public enum Progress: Sendable, Hashable {
        /// Reading the text, in bytes.
        case counting(bytes: UInt64, of: UInt64)
        /// Adding tokens to the vocabulary.
        case merging(tokens: Int, of: Int)
    }

    /// Tokens to end up with, special ones included; fewer where the text has no more pairs.
    public var size: Int
    public var configuration: TokenizerConfiguration
    /// How often a pair must occur to become a token.
    public var minimumFrequency = 2
    /// How many characters to keep.
    ///
    /// 99.95 % of the text, as SentencePiece's `character_coverage` has it: Chinese takes some thousands for it. At least 1,000,
    /// the number that `tokenizers` keeps: a small text has few characters, and even its rare ones are worth their places.
    public var alphabet = AlphabetSize.coverage(0.9995, atLeast: 1000)
    public var badLines = BadLines.stop

    public init(size: Int, configuration: TokenizerConfiguration = TokenizerConfiguration()) {
        self.size = size
        self.configuration = configuration
    }

    /// - Throws: ``CorpusError``; `CancellationError` if interrupted.
    public func train(
        on files: [FilePath], progress: (Progress) -> Void = { _ in }, isInterrupted: () -> Bool = { false }
    ) throws -> TrainedVocabulary {
        var reader = try DocumentReader(files, badLines: badLines)
        let splitter = WordSplitter(configuration)
        var text = WordCounts()
        while let chunk = try reader.next() {
            if chunk.isOfRecord { throw CorpusError.notLetters(chunk.file) }
            text.add(chunk.bytes.span, splitBy: splitter)
            progress(.counting(bytes: reader.bytesRead, of: reader.totalBytes))
            if isInterrupted() { throw CancellationError() }
        }
        guard text.words.count > 0 else {
            throw CorpusError(
                .noText, text.total > 0 ? "all words of the text are too long" : "the text has no words",
                at: files.first.map { .init(file: $0.string) },
                remedy: text.total > 0
                    ? "Put spaces between words, or tokenize the text yourself and give ids to the next steps"
                    : "Name files with text in UTF-8")
        }
        let alphabet = Alphabet(of: text, size: self.alphabet)
        var tokens = try initialTokens(alphabet)
        let known = alphabet.spell(text, in: tokens)
        try merge(known, into: &tokens, progress: progress, isInterrupted: isInterrupted)
        let vocabulary = try Vocabulary(
            (0..<tokens.count).map { Array(tokens[$0]) }, specialTokens: configuration.specialTokens, file: nil)
        return TrainedVocabulary(
            tokenizer: WordPieceTokenizer(vocabulary: vocabulary, configuration: configuration), words: text.total,
            distinctWords: text.words.count, keptCharacters: alphabet.characters.count,
            droppedCharacters: alphabet.droppedCharacters, characterCoverage: alphabet.coverage,
            unknownWords: text.total - known.counts.reduce(0, +), counts: reader.counts)
    }

    /// Special tokens, then characters, then characters that continue a word.
    private func initialTokens(_ alphabet: Alphabet) throws(CorpusError) -> ByteStringTable {
        var tokens = ByteStringTable(minimumCapacity: max(0, min(size, 1 << 20)))
        for token in configuration.specialTokens.all + alphabet.tokens { _ = tokens.insert(Array(token.utf8).span) }
        guard tokens.count <= size else {
            throw CorpusError(
                .vocabularyTooSmall(asked: size, needed: tokens.count),
                "\(size) tokens do not hold the \(configuration.specialTokens.all.count) special ones and the "
                    + "\(alphabet.tokens.count) of an alphabet of \(alphabet.characters.count) characters",
                remedy: "Ask for at least \(tokens.count) tokens, or for fewer characters", blame: .usage)
        }
        return tokens
    }

    private func merge(
        _ words: Alphabet.Spelling, into tokens: inout ByteStringTable, progress: (Progress) -> Void,
        isInterrupted: () -> Bool
    ) throws {
        var merger = PairMerger(words: words.words, counts: words.counts)
        while tokens.count < size, let pair = merger.popMostFrequent(atLeast: minimumFrequency) {
            if isInterrupted() { throw CancellationError() }
            // The right one continues a word, so it has the prefix.
            let bytes = tokens[Int(pair.left)] + tokens[Int(pair.right)].dropFirst(Vocabulary.continuation.count)
            // Two pairs may spell the same piece: a + bc, ab + c.
            let (index, isNew) = tokens.insert(Array(bytes).span)
            merger.merge(pair, into: Int32(index))
            if isNew { progress(.merging(tokens: tokens.count, of: size)) }
        }
    }
}
