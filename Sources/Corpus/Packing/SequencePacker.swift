import Storage

/// Packs the token ids of documents into sequences `[CLS] ... [SEP]` of at most `maxLength` tokens.
///
/// A sequence that a document leaves unfilled goes on with the next document after a `[SEP]`, as in RoBERTa's
/// FULL-SENTENCES (Liu et al. 2019, section 4.2): one sequence a document would spend most of the arithmetic on padding
/// where documents are short. Nothing is dropped; every sequence but the last has `maxLength` tokens, or one or two
/// fewer where a document ended so close to the end that no token of the next would fit.
///
/// Records of letters are cut into windows instead, each a sequence: `[CLS]`, `maxLength - 2` letters, `[SEP]`. A window repeats the last
/// `overlap` letters of the window before it. None goes over the edge of a record, so a record's last window may be short, and one
/// in which no letter is known is left out.
///
/// The sequences are a function of the documents in order. They do not depend on the chunks that the documents were cut into.
public struct SequencePacker: Sendable {
    /// Tokens of a sequence, `[CLS]` and `[SEP]` included.
    public let maxLength: Int
    /// Letters that a window has in common with the one before it.
    public let overlap: Int
    private let special: SpecialTokenIDs
    /// `[CLS]` and the tokens after it so far.
    private var sequence: [Int32]
    /// A document has ended since the last token.
    private var isBetweenDocuments = false
    /// The sequence is a window of a record.
    private var isWindow = false
    /// Letters of the window that the one before it has as well.
    private var repeated = 0
    /// Where the text comes from.
    private var source = 0

    /// The sequence that was begun and not passed on.
    struct State: Codable, Sendable, Hashable {
        let sequence: [Int32]
        let isBetweenDocuments: Bool
        let isWindow: Bool
        let repeated: Int
    }

    var state: State {
        State(
            sequence: sequence, isBetweenDocuments: isBetweenDocuments, isWindow: isWindow, repeated: repeated)
    }

    /// Goes on from the state of another packer. One that no packer can have is refused.
    mutating func restore(_ state: State, of source: Int) throws(CorpusError) {
        guard 1..<maxLength ~= state.sequence.count, state.sequence.first == special.classification,
            0..<(state.isWindow ? state.sequence.count : 1) ~= state.repeated
        else {
            throw CorpusError(
                .unusablePosition, "what was begun of a sequence is damaged", remedy: "Read the text from its start")
        }
        sequence = state.sequence
        isBetweenDocuments = state.isBetweenDocuments
        (isWindow, repeated) = (state.isWindow, state.repeated)
        self.source = source
    }

    public init(maxLength: Int = 128, overlap: Int = 0, special: SpecialTokenIDs) throws(CorpusError) {
        guard maxLength >= 3 else {
            throw CorpusError(
                .sequenceTooShort(maxLength), "a sequence of \(maxLength) tokens has no room for text",
                remedy: "Ask for 3 tokens at least: [CLS], one of text, [SEP]", blame: .usage)
        }
        guard 0...maxLength - 3 ~= overlap else {
            throw CorpusError(
                .overlapTooLong(overlap),
                "windows of \(maxLength - 2) letters cannot have \(overlap) in common with the one before",
                remedy: "Ask for 0 to \(maxLength - 3): each window must begin behind the one before", blame: .usage)
        }
        self.maxLength = maxLength
        self.overlap = overlap
        self.special = special
        sequence = [special.classification]
    }

    /// Sets the source of the text that follows. A sequence that was begun of another source ends.
    mutating func begin(source: Int, finishingInto sequences: inout TokenSequences) {
        if source == self.source { return }
        finish(into: &sequences)
        isBetweenDocuments = false
        self.source = source
    }

    /// Takes the next tokens; `startsDocument` says that they begin one. Sequences that are full go to `sequences`.
    public mutating func append(_ ids: [Int32], startsDocument: Bool, to sequences: inout TokenSequences) {
        if isWindow { finish(into: &sequences) }
        if startsDocument { isBetweenDocuments = true }
        guard !ids.isEmpty else { return }
        if isBetweenDocuments, sequence.count > 1 {
            if sequence.count + 3 <= maxLength {
                sequence.append(special.separator)
            } else {
                close(into: &sequences)
            }
        }
        isBetweenDocuments = false
        var position = 0
        while position < ids.count {
            let end = min(ids.count, position + maxLength - 1 - sequence.count)
            sequence += ids[position..<end]
            position = end
            if sequence.count == maxLength - 1 { close(into: &sequences) }
        }
    }

    /// Takes the next letters of a record. Windows that are full go to `sequences`.
    public mutating func append(letters ids: [Int32], startsRecord: Bool, to sequences: inout TokenSequences) {
        if startsRecord || !isWindow { finish(into: &sequences) }
        isBetweenDocuments = false
        isWindow = true
        var position = 0
        while position < ids.count {
            let end = min(ids.count, position + maxLength - 1 - sequence.count)
            sequence += ids[position..<end]
            position = end
            if sequence.count == maxLength - 1 { closeWindow(into: &sequences) }
        }
    }

    private mutating func closeWindow(into sequences: inout TokenSequences) {
        let last = Array(sequence.suffix(overlap))
        close(into: &sequences)
        sequence += last
        repeated = last.count
    }

    /// Takes a sequence that is complete, from `[CLS]` to `[SEP]`; the sequence that was being packed ends before it.
    mutating func append(sequence complete: [Int32], at location: ErrorLocation, to sequences: inout TokenSequences)
        throws(CorpusError)
    {
        guard complete.count <= maxLength else {
            throw CorpusError(
                .sequenceTooLong(complete.count),
                "the sequence has \(complete.count) ids, and \(maxLength) are asked for at most", at: location,
                remedy: "Ask for longer sequences; or leave out the ids that begin and end it, to have it cut")
        }
        finish(into: &sequences)
        isBetweenDocuments = false
        // Without text between the two there is nothing to learn from it.
        if complete.count > 2 { sequences.append(complete, source: source) }
    }

    /// Passes on the last sequence, which may be short.
    public mutating func finish(into sequences: inout TokenSequences) {
        // A window that only repeats says nothing new.
        if sequence.count > 1 + repeated { close(into: &sequences) } else { sequence.removeSubrange(1...) }
        (isWindow, repeated) = (false, 0)
    }

    private mutating func close(into sequences: inout TokenSequences) {
        sequence.append(special.separator)
        // Gaps of a genome are long runs of N.
        if !isWindow || sequence.contains(where: { !special.contains($0) }) {
            sequences.append(sequence, source: source)
        }
        sequence.removeAll(keepingCapacity: true)
        sequence.append(special.classification)
    }
}
