import Format
import Replay
import Training

/// Replayed sequences for one step after another, in the order of the run: a function of the seed and the place alone.
package final class ReplaySource {
    private let dataset: Dataset
    private let order: ReplayOrder
    private let sampler: ReplaySampler
    private let decoder = BlockDecoder()
    /// The window in use, decoded.
    private var window: (plan: ReplayOrder.Window, blocks: [SequenceBlock], firstEntries: [UInt64])?

    package init(_ dataset: Dataset, seed: UInt64) {
        self.dataset = dataset
        order = ReplayOrder(dataset, seed: seed)
        sampler = ReplaySampler(dataset.header, seed: seed)
    }

    /// Sequences `first ..< first + count` of the run, drawn at `temperature`.
    ///
    /// - Precondition: they are of the first ``SequenceVisit/maximumEpochs`` epochs.
    package func sequences(
        from first: UInt64, count: Int, temperature: Double
    ) throws -> StepInput<ReplayedSequence> {
        let replay = try sampler.tempered(to: temperature)
        var input = StepInput<ReplayedSequence>(examples: [], visits: [])
        for number in first..<first + UInt64(count) {
            let (epoch, place) = number.quotientAndRemainder(dividingBy: order.entryCount)
            let (block, row, entry) = try locate(place, epoch: UInt32(epoch))
            let visit = SequenceVisit(sequence: entry, epoch: UInt16(epoch))
            input.examples.append(replay.sequence(block, row: row, visit: visit.epoch))
            input.visits.append(visit)
        }
        return input
    }

    private func locate(_ place: UInt64, epoch: UInt32) throws -> (block: SequenceBlock, row: Int, entry: UInt64) {
        if window?.plan.epoch != epoch || window?.plan.places.contains(place) != true {
            let plan = plan(epoch: epoch, containing: place)
            window = nil  // two windows in memory would be one too many
            let places = plan.blocks.map { dataset.place(ofBlock: $0) }
            window = (
                plan, try places.map { try dataset.block(at: $0, using: decoder) }, places.map(\.entries.lowerBound)
            )
        }
        guard let window else { preconditionFailure("there is a window now") }
        let (block, row) = window.plan.sequence(at: place)
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

extension TemperedReplay {
    /// One sequence with its masked positions drawn anew.
    func sequence(
        _ block: SequenceBlock, row: Int, visit: UInt16
    ) -> ReplayedSequence {
        let count = block.tokenRange(ofSequence: row).count
        var tokens = [Int32](repeating: 0, count: count)
        var labels = [UInt8](repeating: 0, count: count)
        var tokenSpan = tokens.mutableSpan
        var labelSpan = labels.mutableSpan
        let counts = replay(block, row: row, visit: visit, tokens: &tokenSpan, labels: &labelSpan)
        return ReplayedSequence(tokens: tokens, labels: labels, maskedCount: counts.masked)
    }
}
