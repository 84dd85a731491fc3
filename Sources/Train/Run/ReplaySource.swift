import Format
import Replay
import Training

/// Replayed sequences for one step after another, in the order of the run: a function of the seed and the place alone.
package final class ReplaySource {
    private let data: TrainingData
    /// [data sets]
    private var samplers: [ReplaySampler]
    /// [data sets] The number of each one's first entry, counted over all.
    private let firstEntries: [UInt64]
    private let streams: [StreamReader]
    /// nil where there is one stream.
    private let mixture: StreamMixture?
    private var cycle: StreamMixture.Cycle?

    package convenience init(_ dataset: Dataset, seed: UInt64) {
        self.init(TrainingData(dataset), seed: seed)
    }

    package init(_ data: TrainingData, seed: UInt64) {
        self.data = data
        samplers = data.datasets.map { ReplaySampler($0.header, seed: seed) }
        firstEntries = data.datasets.indices.map { index in data.datasets[..<index].reduce(0) { $0 + $1.entryCount } }
        // So many blocks as one stream has in memory at a time, or one of each.
        let blocks = max(1, ReplayOrder.windowBlockCount / data.streams.count)
        streams = data.streams.map { StreamReader($0.replay, blocksPerWindow: blocks, seed: seed) }
        mixture = data.mixture(seed: seed)
    }

    /// Sequences `first ..< first + count` of the run, drawn at `temperature`.
    ///
    /// - Precondition: they are of the first ``SequenceVisit/maximumEpochs`` epochs, and the shards hold the data that the
    ///   policy needs.
    package func sequences(
        from first: UInt64, count: Int, temperature: Double, policy: ReplayPolicy = ReplayPolicy()
    ) throws -> StepInput<ReplayedSequence> {
        for index in samplers.indices { samplers[index].policy = policy }
        let replays = try samplers.map { try $0.tempered(to: temperature) }
        var input = StepInput<ReplayedSequence>(examples: [], visits: [])
        var tokens = [Int](repeating: 0, count: data.sourceNames.count)
        for number in first..<first + UInt64(count) {
            let (stream, place) = locate(number)
            let dataset = data.streams[stream].dataset
            let found = try streams[stream].sequence(at: place)
            let visit = SequenceVisit(sequence: firstEntries[dataset] + found.entry, epoch: UInt16(found.epoch))
            let example = replays[dataset].sequence(found.block, row: found.row, visit: visit.epoch)
            tokens[data.sourceIndices[dataset][Int(found.block.sources[found.row])]] += example.tokenCount
            input.examples.append(example)
            input.visits.append(visit)
        }
        if tokens.count > 1 {
            input.tokensBySource = Dictionary(uniqueKeysWithValues: zip(data.sourceNames, tokens))
        }
        return input
    }

    /// Where the sequence with a number stands: its stream, and its place there.
    private func locate(_ number: UInt64) -> (stream: Int, place: UInt64) {
        guard let mixture else { return (0, number) }
        let (wanted, index) = number.quotientAndRemainder(dividingBy: UInt64(StreamMixture.cycleLength))
        if cycle?.number != wanted { cycle = mixture.cycle(wanted) }
        guard let cycle else { preconditionFailure("there is a cycle now") }
        return cycle.place(Int(index))
    }
}

extension TrainingData {
    /// nil where there is one stream.
    func mixture(seed: UInt64) -> StreamMixture? {
        isOneStream ? nil : StreamMixture(streams.map(\.weight), seed: seed)
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
        return ReplayedSequence(
            tokens: tokens, labels: labels, maskedCount: counts.masked, secondSegment: Int(block.secondSegments[row]))
    }
}
