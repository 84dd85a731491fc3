/// The place of a sequence in its data set. The random numbers of the sequence depend on it.
public struct SequencePlace: Sendable, Hashable {
    /// Which masking of the corpus, below 2^16.
    public var pass: Int
    /// The sequence's number in the pass, below 2^48.
    public var number: UInt64

    public init(pass: Int, number: UInt64) {
        self.pass = pass
        self.number = number
    }
}
