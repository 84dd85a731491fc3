/// Where in a corpus a sequence ends: reading goes on behind it, and the text before it is not tokenized again.
///
/// It counts for the files, the tokenizer and the length of sequences that it was taken from. ``PackedSequences`` makes the
/// chunk that the sequence ends in anew, and compares.
public struct SequencePosition: Codable, Sendable, Hashable {
    /// Before the chunk that the sequence ends in.
    let reader: ReadingPosition
    let packer: SequencePacker.State
    let tokens: Int
    let unknownTokens: Int
    /// Sequences of the chunk that have been taken, the sequence included.
    let taken: Int
    /// The sequence.
    public let sequence: [Int32]
    /// Counts of the text up to the end of the chunk.
    public let counts: TextCounts
}
