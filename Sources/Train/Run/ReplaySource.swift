import Format
import Kernels
import Optimization

/// Replayed sequences for one step after another, in the order of the run.
final class ReplaySource {
    private let dataset: Dataset
    private let order: ReplayOrder
    private let sampler: ReplaySampler
    private let decoder = BlockDecoder()
    /// The window in use, decoded.
    private var window: (plan: ReplayOrder.Window, blocks: [SequenceBlock], firstEntries: [UInt64])?

    init(_ dataset: Dataset, seed: UInt64) {
        self.dataset = dataset
        order = ReplayOrder(dataset, seed: seed)
        sampler = ReplaySampler(dataset.header, seed: seed)
    }

    /// Sequences `first ..< first + count` of the run, drawn at `temperature`.
    func sequences(
        from first: UInt64, count: Int, temperature: Double
    ) throws -> (examples: [ReplayedSequence], counts: ReplayCounts) {
        let replay = try sampler.tempered(to: temperature)
        var counts = ReplayCounts()
        let examples = try (0..<UInt64(count)).map { offset in
            let (epoch, place) = (first + offset).quotientAndRemainder(dividingBy: order.entryCount)
            let visit = UInt16(truncatingIfNeeded: epoch)
            let (block, row, entry) = try locate(place, epoch: UInt32(truncatingIfNeeded: epoch))
            return replay.sequence(block, row: row, entry: entry, visit: visit, counts: &counts)
        }
        return (examples, counts)
    }

    private func locate(_ place: UInt64, epoch: UInt32) throws -> (block: SequenceBlock, row: Int, entry: UInt64) {
        if window?.plan.epoch != epoch || window?.plan.places.contains(place) != true {
            window = nil  // two windows in memory would be one too many
            let plan = order.window(epoch: epoch, containing: place)
            let places = plan.blocks.map { dataset.place(ofBlock: $0) }
            window = (
                plan, try places.map { try dataset.block(at: $0, using: decoder) }, places.map(\.entries.lowerBound)
            )
        }
        guard let window else { preconditionFailure("there is a window now") }
        let (block, row) = window.plan.sequence(at: place)
        return (window.blocks[block], row, window.firstEntries[block] + UInt64(row))
    }
}

extension TemperedReplay {
    /// One sequence with its masked positions drawn anew.
    func sequence(
        _ block: SequenceBlock, row: Int, entry: UInt64, visit: UInt16, counts: inout ReplayCounts
    ) -> ReplayedSequence {
        let count = block.tokenRange(ofSequence: row).count
        var tokens = [Int32](repeating: 0, count: count)
        var labels = [UInt8](repeating: 0, count: count)
        var tokenSpan = tokens.mutableSpan
        var labelSpan = labels.mutableSpan
        counts += replay(block, row: row, entry: entry, visit: visit, tokens: &tokenSpan, labels: &labelSpan)
        return ReplayedSequence(tokens: tokens, labels: labels)
    }
}
