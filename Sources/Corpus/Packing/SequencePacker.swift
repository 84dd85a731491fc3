import Storage

/// Packs the token ids of documents into sequences `[CLS] ... [SEP]` of at most `maxLength` tokens.
///
/// A sequence that a document leaves unfilled goes on with the next document after a `[SEP]`, as in RoBERTa's
/// FULL-SENTENCES (Liu et al. 2019, section 4.2): one sequence a document would spend most of the arithmetic on padding
/// where documents are short. Nothing is dropped; every sequence but the last has `maxLength` tokens, or one or two
/// fewer where a document ended so close to the end that no token of the next would fit.
///
/// What comes out is a function of the documents in order; how they were cut into chunks does not show.
public struct SequencePacker: Sendable {
    /// Tokens of a sequence, `[CLS]` and `[SEP]` included.
    public let maxLength: Int
    private let special: SpecialTokenIDs
    /// `[CLS]` and what follows so far.
    private var sequence: [Int32]
    /// A document has ended since the last token.
    private var isBetweenDocuments = false
    /// Where the text comes from.
    private var source = 0

    /// What has been begun and not passed on.
    struct State: Codable, Sendable, Hashable {
        let sequence: [Int32]
        let isBetweenDocuments: Bool
    }

    var state: State { State(sequence: sequence, isBetweenDocuments: isBetweenDocuments) }

    /// Goes on from the state of another packer. One that no packer can have is refused.
    mutating func restore(_ state: State, of source: Int) throws(CorpusError) {
        guard 1..<maxLength ~= state.sequence.count, state.sequence.first == special.classification else {
            throw CorpusError(
                .unusablePosition, "what was begun of a sequence is damaged", remedy: "Read the text from its start")
        }
        sequence = state.sequence
        isBetweenDocuments = state.isBetweenDocuments
        self.source = source
    }

    public init(maxLength: Int = 128, special: SpecialTokenIDs) throws(CorpusError) {
        guard maxLength >= 3 else {
            throw CorpusError(
                .sequenceTooShort(maxLength), "a sequence of \(maxLength) tokens has no room for text",
                remedy: "Ask for 3 tokens at least: [CLS], one of text, [SEP]", blame: .usage)
        }
        self.maxLength = maxLength
        self.special = special
        sequence = [special.classification]
    }

    /// Says where what follows comes from. A sequence that was begun of another source ends.
    mutating func begin(source: Int, finishingInto sequences: inout TokenSequences) {
        if source == self.source { return }
        finish(into: &sequences)
        isBetweenDocuments = false
        self.source = source
    }

    /// Takes the next tokens; `startsDocument` says that they begin one. Sequences that are full go to `sequences`.
    public mutating func append(_ ids: [Int32], startsDocument: Bool, to sequences: inout TokenSequences) {
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

    /// Takes a sequence that is complete, from `[CLS]` to `[SEP]`; what was being packed ends before it.
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
        if sequence.count > 1 { close(into: &sequences) }
    }

    private mutating func close(into sequences: inout TokenSequences) {
        sequence.append(special.separator)
        sequences.append(sequence, source: source)
        sequence.removeAll(keepingCapacity: true)
        sequence.append(special.classification)
    }
}
