/// Packs the ids of documents into sequences `[CLS] ... [SEP]` of at most a given length, dropping nothing.
///
/// A long document goes on in the next sequence; a sequence that a document leaves room in goes on with the next
/// document, behind a `[SEP]` (as RoBERTa's FULL-SENTENCES does; Liu et al. 2019, section 4.2). So all sequences but the
/// last are full, give or take one token, and what they hold is a function of the documents in their order.
public struct SequencePacker: Sendable {
    /// Tokens of a sequence, special ones included.
    public let maximumLength: Int
    private let classification: Int32
    private let separator: Int32
    private var sequence: [Int32] = []

    /// - Precondition: `maximumLength` is at least 3.
    public init(maximumLength: Int, classification: Int32, separator: Int32) {
        precondition(maximumLength >= 3)
        self.maximumLength = maximumLength
        self.classification = classification
        self.separator = separator
    }

    /// Adds ids of the current document; passes each sequence that became full to `emit`.
    public mutating func append(_ ids: [Int32], emit: ([Int32]) -> Void) {
        for id in ids {
            if sequence.isEmpty { sequence.append(classification) }
            sequence.append(id)
            if sequence.count == maximumLength - 1 { finish(emit) }
        }
    }

    /// Ends the current document. Where fewer than two tokens of another one would fit, the sequence ends as well.
    public mutating func endDocument(emit: ([Int32]) -> Void) {
        guard !sequence.isEmpty, sequence.last != separator else { return }
        if sequence.count + 3 > maximumLength { return finish(emit) }
        sequence.append(separator)
    }

    /// Ends the text.
    public mutating func finish(_ emit: ([Int32]) -> Void) {
        if sequence.isEmpty { return }
        if sequence.last != separator { sequence.append(separator) }
        emit(sequence)
        sequence.removeAll(keepingCapacity: true)
    }
}
