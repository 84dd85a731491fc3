import Corpus

/// Where the pipeline takes its sequences from: text that is tokenized and packed.
///
/// Read by one thread at a time, from the first sequence to the last, once a pass.
public protocol SequenceSource {
    /// The next sequence, `[CLS] ... [SEP]`; `nil` at the end.
    mutating func next() throws -> TokenSequence?
    /// How far the input has been read, for progress: parts done of all.
    var progress: (done: Int, total: Int) { get }
    /// Where the sequence that ``next()`` gave last ends, for another source to go on behind it; `nil` before the first,
    /// and where that cannot be done.
    var position: SequencePosition? { get }
    /// Counts of the text, as far as it has been read; `nil` where it is not counted.
    var textCounts: TextCounts? { get }
}

extension PackedSequences: SequenceSource {
    /// Bytes of the files read, of all.
    public var progress: (done: Int, total: Int) {
        (Int(bytesRead), Int(totalBytes))
    }

    public var textCounts: TextCounts? { counts }
}
