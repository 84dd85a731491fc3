import Storage

/// The sequences of files: reading, tokenizing and packing in one, on the caller's thread.
///
/// To spread tokenizing over threads, take chunks from a ``DocumentReader``, call ``Tokenizer/encode(_:)-(DocumentChunk)``
/// where you like, and hand the ids to a ``SequencePacker`` in order: the sequences are the same.
public struct PackedSequences {
    enum Source {
        case text(DocumentReader, Tokenizer)
        case ids(TokenReader)
        case pairs(PairReader, TextEncoder)
    }

    /// The state before a chunk was made into sequences.
    private struct Before {
        var reader = ReadingPosition()
        var packer: SequencePacker.State
        var tokens = 0
        var unknownTokens = 0
    }

    private var source: Source?
    /// [files] The number of each file's source; empty where all have the number 0.
    private let sourceOfFile: [Int]
    private var packer: SequencePacker
    private let special: SpecialTokenIDs
    private var ready = TokenSequences()
    private var taken = 0
    private var readerCounts = TextCounts()
    private var tokens = 0
    private var unknownTokens = 0
    /// Before the chunk that `ready` was made of.
    private var before: Before

    /// Those of text.
    public init(
        of reader: DocumentReader, tokenizer: Tokenizer, maxLength: Int = 128
    ) throws(CorpusError) {
        try self.init(of: reader, tokenizer: tokenizer, maxLength: maxLength, sourceOfFile: [])
    }

    /// Those of text.
    init(
        of reader: DocumentReader, tokenizer: Tokenizer, maxLength: Int, overlap: Int = 0, sourceOfFile: [Int]
    ) throws(CorpusError) {
        try self.init(
            .text(reader, tokenizer), maxLength: maxLength, overlap: overlap, special: tokenizer.vocabulary.special,
            totalBytes: reader.totalBytes, sourceOfFile: sourceOfFile)
    }

    /// Those of ids: documents are packed as those of text are, sequences that are complete stay as they are.
    init(of reader: TokenReader, maxLength: Int, sourceOfFile: [Int]) throws(CorpusError) {
        try self.init(
            .ids(reader), maxLength: maxLength, special: reader.space.special, totalBytes: reader.totalBytes,
            sourceOfFile: sourceOfFile)
    }

    /// Pairs, each a sequence.
    init(
        of reader: PairReader, tokenizer: Tokenizer, maxLength: Int, sourceOfFile: [Int]
    ) throws(CorpusError) {
        guard maxLength >= TextEncoder.leastLength else {
            throw CorpusError(
                .sequenceTooShort(maxLength), "a sequence of \(maxLength) tokens has no room for a pair of texts",
                remedy: "Ask for \(TextEncoder.leastLength) tokens at least", blame: .usage)
        }
        try self.init(
            .pairs(reader, TextEncoder(tokenizer, maxLength: maxLength)), maxLength: maxLength,
            special: tokenizer.vocabulary.special, totalBytes: reader.totalBytes, sourceOfFile: sourceOfFile)
    }

    private init(
        _ source: Source, maxLength: Int, overlap: Int = 0, special: SpecialTokenIDs, totalBytes: UInt64,
        sourceOfFile: [Int]
    ) throws(CorpusError) {
        self.source = source
        self.sourceOfFile = sourceOfFile
        self.totalBytes = totalBytes
        self.special = special
        packer = try SequencePacker(maxLength: maxLength, overlap: overlap, special: special)
        before = Before(packer: packer.state)
    }

    /// Makes the sequence behind `position` the next one. The reader must stand where the position says.
    ///
    /// - Throws: ``CorpusError`` where the text there gives another sequence than it did.
    mutating func goOn(behind position: SequencePosition) throws(CorpusError) {
        let unusable = CorpusError(
            .unusablePosition, "the text has changed at the place where the run has to continue",
            remedy: "Read the text from its start")
        guard 0..<1 << 60 ~= position.tokens, 0..<1 << 60 ~= position.unknownTokens else { throw unusable }
        try packer.restore(position.packer, of: source(ofFile: position.reader.openedFiles - 1))
        (tokens, unknownTokens) = (position.tokens, position.unknownTokens)
        try fill()
        guard !ready.isEmpty, 1...ready.count ~= position.taken,
            ready[position.taken - 1].elementsEqual(position.sequence)
        else {
            throw unusable
        }
        taken = position.taken
    }

    /// Bytes of all files together, as they lie on disk.
    public let totalBytes: UInt64

    /// Bytes read so far, to compare with ``totalBytes``.
    public var bytesRead: UInt64 {
        switch source {
        case .text(let reader, _): reader.bytesRead
        case .ids(let reader): reader.bytesRead
        case .pairs(let reader, _): reader.bytesRead
        case nil: totalBytes
        }
    }

    /// Counts of the text that has been read so far.
    public var counts: TextCounts {
        var counts = readerCounts
        (counts.tokens, counts.unknownTokens) = (tokens, unknownTokens)
        return counts
    }

    /// Where the sequence that was taken last ends; nil before the first.
    public var position: SequencePosition? {
        if taken == 0 { return nil }
        return SequencePosition(
            reader: before.reader, packer: before.packer, tokens: before.tokens,
            unknownTokens: before.unknownTokens, taken: taken, sequence: Array(ready[taken - 1]), counts: counts)
    }

    /// The next `[CLS] ... [SEP]`, nil after the last.
    public mutating func next() throws(CorpusError) -> TokenSequence? {
        while taken == ready.count {
            if source == nil { return nil }
            try fill()
        }
        defer { taken += 1 }
        return ready.sequence(taken)
    }

    private func source(ofFile file: Int) -> Int { sourceOfFile.indices.contains(file) ? sourceOfFile[file] : 0 }

    /// Makes sequences of the next chunk, or of the rest in the packer after the last chunk.
    private mutating func fill() throws(CorpusError) {
        before = Before(
            reader: readerPosition, packer: packer.state, tokens: tokens, unknownTokens: unknownTokens)
        ready.removeAll()
        taken = 0
        if try !pack() {
            packer.finish(into: &ready)
            source = nil
        }
    }

    private var readerPosition: ReadingPosition {
        switch source {
        case .text(let reader, _): reader.position
        case .ids(let reader): reader.position
        case .pairs(let reader, _): reader.position
        case nil: ReadingPosition()
        }
    }

    /// Packs the next chunk; false where there is none.
    private mutating func pack() throws(CorpusError) -> Bool {
        switch source {
        case nil: return false
        case .text(var reader, let tokenizer):
            // Taken out while it changes, or its window would be copied.
            source = nil
            defer { source = .text(reader, tokenizer) }
            let chunk = try reader.next()
            readerCounts = reader.counts
            guard let chunk else { return false }
            packer.begin(source: source(ofFile: reader.currentFile), finishingInto: &ready)
            let ids = tokenizer.encode(chunk)
            count(ids)
            if chunk.isOfRecord {
                packer.append(letters: ids, startsRecord: chunk.startsDocument, to: &ready)
            } else {
                packer.append(ids, startsDocument: chunk.startsDocument, to: &ready)
            }
        case .ids(var reader):
            source = nil
            defer { source = .ids(reader) }
            let chunk = try reader.next()
            readerCounts = reader.counts
            guard let chunk else { return false }
            packer.begin(source: source(ofFile: reader.currentFile), finishingInto: &ready)
            count(chunk.ids)
            if chunk.isSequence(reader.space.special) {
                try packer.append(sequence: chunk.ids, at: chunk.location, to: &ready)
            } else {
                packer.append(chunk.ids, startsDocument: chunk.startsDocument, to: &ready)
            }
        case .pairs(var reader, let encoder):
            source = nil
            defer { source = .pairs(reader, encoder) }
            let pair = try reader.next()
            readerCounts = reader.counts
            guard let pair else { return false }
            let encoded = encoder.encode(pair.first, pair: pair.second)
            let text = encoded.tokens.filter { $0 != special.classification && $0 != special.separator }
            count(text)
            // Without text there is nothing to learn from it.
            if !text.isEmpty {
                ready.append(
                    encoded.tokens, source: source(ofFile: reader.currentFile),
                    secondSegment: encoded.secondSegment ?? 0)
            }
        }
        return true
    }

    private mutating func count(_ ids: [Int32]) {
        tokens += ids.count
        guard let unknown = special.unknown else { return }
        for id in ids where id == unknown { unknownTokens += 1 }
    }
}
