import Format
import Replay

/// The sequences of a stream in the order of its epochs, whose places count on from one epoch to the next.
final class StreamReader {
    private let stream: ReplayStream
    private let order: ReplayOrder
    private let decoder = BlockDecoder()
    /// The window in use, decoded.
    private var window: (plan: ReplayOrder.Window, blocks: [SequenceBlock], firstEntries: [UInt64])?

    init(_ stream: ReplayStream, blocksPerWindow: Int, seed: UInt64) {
        self.stream = stream
        order = ReplayOrder(blockSizes: stream.blockSizes, blocksPerWindow: blocksPerWindow, seed: seed)
    }

    /// - Returns: its block, its row there, and its number in the data set.
    func sequence(
        at place: UInt64
    ) throws(ShardError) -> (block: SequenceBlock, row: Int, entry: UInt64, epoch: UInt32) {
        let (epoch, placeInEpoch) = place.quotientAndRemainder(dividingBy: order.entryCount)
        let (block, row, entry) = try locate(placeInEpoch, epoch: UInt32(epoch))
        return (block, row, entry, UInt32(epoch))
    }

    private func locate(
        _ place: UInt64, epoch: UInt32
    ) throws(ShardError) -> (block: SequenceBlock, row: Int, entry: UInt64) {
        if window?.plan.epoch != epoch || window?.plan.places.contains(place) != true {
            let plan = plan(epoch: epoch, containing: place)
            window = nil  // two windows in memory would be one too many
            let places = plan.blocks.map { stream.dataset.place(ofBlock: stream.blocks[$0]) }
            var blocks: [SequenceBlock] = []
            for place in places { blocks.append(try stream.dataset.block(at: place, using: decoder)) }
            window = (plan, blocks, places.map(\.entries.lowerBound))
        }
        guard let window else { preconditionFailure("there is a window now") }
        let (block, number) = window.plan.sequence(at: place)
        let row = stream.row(number, ofBlock: stream.blocks[window.plan.blocks[block]])
        return (window.blocks[block], row, window.firstEntries[block] + UInt64(row))
    }

    /// The window after the one in use, where that is asked for: to look for it would take as long as the epoch has gone on.
    private func plan(epoch: UInt32, containing place: UInt64) -> ReplayOrder.Window {
        if let window, window.plan.epoch == epoch, let next = order.window(after: window.plan),
            next.places.contains(place)
        {
            return next
        }
        return order.window(epoch: epoch, containing: place)
    }
}
