/// The sequences of text files: reading, tokenising and packing in one, on the caller's thread.
///
/// To spread tokenising over threads, take chunks from a ``DocumentReader``, call
/// ``WordPieceTokenizer/encode(_:)-(DocumentChunk)`` where you like, and hand the ids to a ``SequencePacker`` in order: the
/// sequences are the same.
public struct PackedSequences {
    public private(set) var reader: DocumentReader
    private let tokenizer: WordPieceTokenizer
    private var packer: SequencePacker
    private var ready: [[Int32]] = []
    private var taken = 0
    private var isFinished = false

    public init(
        of reader: DocumentReader, tokenizer: WordPieceTokenizer, maxLength: Int = 128
    ) throws(CorpusError) {
        self.reader = reader
        self.tokenizer = tokenizer
        packer = try SequencePacker(maxLength: maxLength, special: tokenizer.vocabulary.special)
    }

    /// The next `[CLS] ... [SEP]`, nil after the last.
    public mutating func next() throws(CorpusError) -> [Int32]? {
        while taken == ready.count {
            if isFinished { return nil }
            ready.removeAll(keepingCapacity: true)
            taken = 0
            if let chunk = try reader.next() {
                packer.append(tokenizer.encode(chunk), startsDocument: chunk.startsDocument, to: &ready)
            } else {
                packer.finish(into: &ready)
                isFinished = true
            }
        }
        defer { taken += 1 }
        return ready[taken]
    }
}
