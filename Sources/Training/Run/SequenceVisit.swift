/// One look at a sequence.
public struct SequenceVisit: Sendable, Hashable {
    /// The sequence's number in the data.
    public var sequence: UInt64
    /// How often the run has been through the data before: the epoch, from 0.
    public var epoch: UInt16

    public init(sequence: UInt64, epoch: UInt16) {
        self.sequence = sequence
        self.epoch = epoch
    }

    /// Epochs are numbered with 16 bits, as random numbers are addressed (`RandomStream`).
    public static let maximumEpochs = 1 << 16
}
