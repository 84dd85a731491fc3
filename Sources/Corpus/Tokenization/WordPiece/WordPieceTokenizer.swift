/// Text to token ids as Hugging Face's `BertTokenizer` has it (the Rust one of the `tokenizers` library).
///
/// The same ids as `tokenizer(text, add_special_tokens=False, split_special_tokens=True)`: a corpus is text, not markup, so
/// a literal "[SEP]" in it is an opening bracket, a word and a closing bracket. Were it the special token, a page about
/// BERT would hold separators that separate nothing, and masks that were never made.
///
/// A value does not change: any number of threads may share one.
public struct WordPieceTokenizer: Sendable {
    public let vocabulary: Vocabulary
    public let configuration: TokenizerConfiguration
    private let unknown: Int32
    private let splitter: WordSplitter
    private let starts: PieceTrie
    private let continuations: PieceTrie

    public init(vocabulary: Vocabulary, configuration: TokenizerConfiguration) {
        guard let unknown = vocabulary.special.unknown else {
            preconditionFailure("vocabularies are made with an unknown token, unless they spell all text")
        }
        self.vocabulary = vocabulary
        self.configuration = configuration
        self.unknown = unknown
        splitter = WordSplitter(configuration)
        var starts: [(bytes: ArraySlice<UInt8>, id: Int32)] = []
        var continuations = starts
        for id in 0..<Int32(vocabulary.count) {
            let bytes = vocabulary.bytes(of: id)
            if !bytes.isEmpty { starts.append((bytes, id)) }
            if !vocabulary.startsWord(id), bytes.count > Vocabulary.continuation.count {
                continuations.append((bytes.dropFirst(Vocabulary.continuation.count), id))
            }
        }
        self.starts = PieceTrie(starts)
        self.continuations = PieceTrie(continuations)
    }

    /// Appends the ids of `text` (UTF-8) to `ids`, without `[CLS]` and `[SEP]`.
    ///
    /// Bytes that are not UTF-8 read as U+FFFD, which BERT's clean-up drops.
    public func encode(_ text: Span<UInt8>, into ids: inout [Int32]) {
        splitter.forEachWord(in: text) { word in
            guard let word else {
                ids.append(unknown)
                return
            }
            let start = ids.count
            var position = 0
            while position < word.count {
                let match =
                    position == 0
                    ? starts.longestMatch(in: word, from: 0)
                    : continuations.longestMatch(in: word, from: position)
                guard let (id, end) = match else {
                    // One part that is in no piece makes the whole word unknown.
                    ids.removeSubrange(start...)
                    ids.append(unknown)
                    return
                }
                ids.append(id)
                position = end
            }
        }
    }

    public func encode(_ text: String) -> [Int32] {
        var ids: [Int32] = []
        encode(Array(text.utf8).span, into: &ids)
        return ids
    }

    /// The text of `ids` for people to read: words apart, the pieces of a word together. Special tokens stay as they
    /// are named; an id that the vocabulary lacks reads as `[UNK]`.
    public func decode(_ ids: some Sequence<Int32>) -> String {
        var bytes: [UInt8] = []
        for id in ids {
            let known = id >= 0 && id < vocabulary.count ? id : unknown
            let token = vocabulary.bytes(of: known)
            if vocabulary.startsWord(known) || bytes.isEmpty {
                if !bytes.isEmpty { bytes.append(UInt8(ascii: " ")) }
                bytes += token
            } else {
                bytes += token.dropFirst(Vocabulary.continuation.count)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
