/// The sequences of files: reading, tokenising and packing in one, on the caller's thread.
///
/// To spread tokenising over threads, take chunks from a ``DocumentReader``, call ``Tokenizer/encode(_:)-(DocumentChunk)``
/// where you like, and hand the ids to a ``SequencePacker`` in order: the sequences are the same.
public struct PackedSequences {
    private enum Source {
        case text(DocumentReader, Tokenizer)
        case ids(TokenReader)
    }

    private var source: Source?
    private var packer: SequencePacker
    private var ready: [[Int32]] = []
    private var taken = 0

    /// Those of text.
    public init(
        of reader: DocumentReader, tokenizer: Tokenizer, maxLength: Int = 128
    ) throws(CorpusError) {
        source = .text(reader, tokenizer)
        totalBytes = reader.totalBytes
        packer = try SequencePacker(maxLength: maxLength, special: tokenizer.vocabulary.special)
    }

    /// Those of ids: documents are packed as those of text are, sequences that are complete stay as they are.
    init(of reader: TokenReader, maxLength: Int) throws(CorpusError) {
        source = .ids(reader)
        totalBytes = reader.totalBytes
        packer = try SequencePacker(maxLength: maxLength, special: reader.space.special)
    }

    /// Bytes of all files together, as they lie on disk.
    public let totalBytes: UInt64

    /// Bytes read so far, to compare with ``totalBytes``.
    public var bytesRead: UInt64 {
        switch source {
        case .text(let reader, _): reader.bytesRead
        case .ids(let reader): reader.bytesRead
        case nil: totalBytes
        }
    }

    /// The next `[CLS] ... [SEP]`, nil after the last.
    public mutating func next() throws(CorpusError) -> [Int32]? {
        while taken == ready.count {
            if source == nil { return nil }
            ready.removeAll(keepingCapacity: true)
            taken = 0
            if try !pack() {
                packer.finish(into: &ready)
                source = nil
            }
        }
        defer { taken += 1 }
        return ready[taken]
    }

    /// Packs the next chunk; false where there is none.
    private mutating func pack() throws(CorpusError) -> Bool {
        switch source {
        case nil: return false
        case .text(var reader, let tokenizer):
            // Taken out while it changes, or its window would be copied.
            source = nil
            defer { source = .text(reader, tokenizer) }
            guard let chunk = try reader.next() else { return false }
            packer.append(tokenizer.encode(chunk), startsDocument: chunk.startsDocument, to: &ready)
        case .ids(var reader):
            source = nil
            defer { source = .ids(reader) }
            guard let chunk = try reader.next() else { return false }
            if chunk.isSequence(reader.space.special) {
                try packer.append(sequence: chunk.ids, at: chunk.location, to: &ready)
            } else {
                packer.append(chunk.ids, startsDocument: chunk.startsDocument, to: &ready)
            }
        }
        return true
    }
}
