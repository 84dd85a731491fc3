import Storage

/// Text to token ids as Hugging Face's `RobertaTokenizer` has it: byte-pair encoding over bytes (Radford et al. 2019).
///
/// The same ids as `tokenizer(text, add_special_tokens=False, split_special_tokens=True)`: as for ``WordPieceTokenizer``, a
/// literal "</s>" in a corpus is text.
///
/// A value does not change: any number of threads may share one.
public struct ByteLevelTokenizer: Sendable {
    public let vocabulary: Vocabulary
    /// Whether a text that does not begin with a space is given one.
    public let addsPrefixSpace: Bool
    private let splitter = ByteLevelSplitter()
    /// The symbol of each byte.
    private let alphabet: [Int32]
    private let merges: MergeTable
    /// Words that are one token in the end, and the ids of those: most words of a text.
    private var words: ByteStringTable
    private var wordIDs: [Int32] = []

    /// `merges` are pairs of tokens, the first to be merged first. The tokens of each pair, the token that they make, and a
    /// token for every byte must be in the vocabulary.
    public init(
        vocabulary: Vocabulary, merges: [(String, String)], addsPrefixSpace: Bool = false
    ) throws(CorpusError) {
        try self.init(vocabulary: vocabulary, merges: merges, addsPrefixSpace: addsPrefixSpace, file: nil)
    }

    /// `file` is named in errors.
    init(
        vocabulary: Vocabulary, merges: [(String, String)], addsPrefixSpace: Bool, file: String?
    ) throws(CorpusError) {
        func id(_ token: String, _ use: @autoclosure () -> String) throws(CorpusError) -> Int32 {
            if let id = vocabulary.id(of: token) { return id }
            throw CorpusError(
                .unknownToken(token), "the vocabulary lacks \"\(token)\", \(use())",
                at: file.map { .init(file: $0) }, remedy: "Take the tokenizer's files from one model")
        }
        var alphabet: [Int32] = []
        for (byte, scalar) in ByteAlphabet.scalars.enumerated() {
            alphabet.append(try id(String(scalar), "which stands for the byte \(byte)"))
        }
        var pairs: [(left: Int32, right: Int32, symbol: Int32)] = []
        pairs.reserveCapacity(merges.count)
        for (index, (left, right)) in merges.enumerated() {
            func use() -> String { "which merge \(index + 1) of \"\(left)\" and \"\(right)\" needs" }
            pairs.append((try id(left, use()), try id(right, use()), try id(left + right, use())))
        }
        self.vocabulary = vocabulary
        self.addsPrefixSpace = addsPrefixSpace
        self.alphabet = alphabet
        self.merges = MergeTable(pairs)
        words = ByteStringTable(minimumCapacity: vocabulary.count)
        var merger = WordMerger(self.merges)
        var merged: [Int32] = []
        for symbol in alphabet + pairs.map(\.symbol) {
            guard let bytes = ByteAlphabet.bytes(of: vocabulary.bytes(of: symbol)) else { continue }
            merged.removeAll(keepingCapacity: true)
            merger.merge(bytes.span, alphabet, into: &merged)
            if merged == [symbol], words.insert(bytes.span).isNew { wordIDs.append(symbol) }
        }
    }

    /// Appends the ids of `text` (UTF-8) to `ids`, without `<s>` and `</s>`.
    ///
    /// Bytes that are not UTF-8 read as U+FFFD.
    public func encode(_ text: Span<UInt8>, into ids: inout [Int32]) {
        var merger = WordMerger(merges)
        encode(text, with: &merger, into: &ids)
    }

    public func encode(_ text: String) -> [Int32] {
        var ids: [Int32] = []
        encode(Array(text.utf8).span, into: &ids)
        return ids
    }

    /// Appends the ids of each line of `text` for itself, as RoBERTa's training text was encoded
    /// (`multiprocessing_bpe_encoder.py` of fairseq): line breaks, LF or CR LF, make no token.
    func encodeLines(of text: Span<UInt8>, into ids: inout [Int32]) {
        var merger = WordMerger(merges)
        var start = 0
        while start < text.count {
            var end = start
            while end < text.count, text[end] != UInt8(ascii: "\n") { end += 1 }
            let next = end + 1
            if end > start, end < text.count, text[end - 1] == UInt8(ascii: "\r") { end -= 1 }
            encode(text.extracting(start..<end), with: &merger, into: &ids)
            start = next
        }
    }

    private func encode(_ text: Span<UInt8>, with merger: inout WordMerger, into ids: inout [Int32]) {
        if text.isEmpty { return }
        if !isUTF8(text) {
            return encode(Array(String(decoding: text.bytesArray, as: UTF8.self).utf8).span, with: &merger, into: &ids)
        }
        if addsPrefixSpace, text[0] != UInt8(ascii: " ") {
            return encode(([UInt8(ascii: " ")] + text.bytesArray).span, with: &merger, into: &ids)
        }
        var position = 0
        while position < text.count {
            let end = splitter.end(of: text, from: position)
            let word = text.extracting(position..<end)
            if let index = words.index(of: word) {
                ids.append(wordIDs[index])
            } else {
                merger.merge(word, alphabet, into: &ids)
            }
            position = end
        }
    }

    /// The text of `ids` for people to read; special tokens stay as they are named.
    public func decode(_ ids: some Sequence<Int32>) -> String {
        String(decoding: ids.flatMap { text(of: $0) }, as: UTF8.self)
    }

    /// The bytes that `id` stands for; a special token's name. Nothing for an id that the vocabulary lacks.
    func text(of id: Int32) -> [UInt8] {
        guard id >= 0, id < vocabulary.count else { return [] }
        let token = vocabulary.bytes(of: id)
        if vocabulary.special.contains(id) { return Array(token) }
        return ByteAlphabet.bytes(of: token) ?? Array(token)
    }
}

extension Span<UInt8> {
    fileprivate var bytesArray: [UInt8] { indices.map { self[$0] } }
}
