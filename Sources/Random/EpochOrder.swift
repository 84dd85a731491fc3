/// The endless order of epochs over a number of things: each epoch visits every one once, in an order of its own.
public struct EpochOrder: Sendable {
    public let count: Int
    private let stream: RandomStream

    /// - Parameters:
    ///   - count: at least 1.
    ///   - stream: its passes are the epochs.
    public init(count: Int, stream: RandomStream) {
        precondition(count > 0)
        self.count = count
        self.stream = stream
    }

    /// The epoch and the index that are visited at a place of the order; places count over epochs, from 0.
    public subscript(place: Int) -> (epoch: UInt32, index: Int) {
        let (epoch, placeInEpoch) = place.quotientAndRemainder(dividingBy: count)
        return (UInt32(epoch), Permutation(count: count, stream: stream, pass: UInt32(epoch))[placeInEpoch])
    }
}
