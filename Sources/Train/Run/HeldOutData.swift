import Format
import Ranks
import Replay
import Training

/// Shards of text that is not trained on, to measure with.
struct HeldOutData {
    let dataset: Dataset
    let temperature: Double
    let seed: UInt64
    let steps: DataParallelStep<DetectionObjective>
    let report: (TrainingEvent) -> Void
    let isInterrupted: () -> Bool

    /// Measures some of the sequences, the same ones each time, at ``temperature``.
    ///
    /// - Returns: `nil` if interrupted.
    func sample(_ limit: Int) throws -> DetectionStatistics? {
        let count = Int(min(UInt64(limit), dataset.entryCount))
        // The first of an epoch: shuffled, so of many places of the text.
        let source = ReplaySource(dataset, seed: seed)
        var statistics = DetectionStatistics()
        for start in stride(from: 0, to: count, by: 256) {
            if try steps.ranks.anyone(isInterrupted()) { return nil }
            let part = min(256, count - start)
            let input = try steps.ranks.together {
                try source.sequences(from: UInt64(start), count: part, temperature: temperature)
            }
            try statistics.add(steps.evaluate(input.examples))
            report(.evaluating(sequences: start + part, of: count, temperature: temperature))
        }
        return statistics
    }

    /// At which all sequences are measured in the end.
    static func temperatures(of header: ShardHeader, besides temperature: Double) -> [Double] {
        Set([header.temperatureRange.minimum, temperature, header.temperatureRange.maximum]).sorted()
    }

    /// Measures all sequences, at ``temperature`` and at both ends of the shards' temperature range.
    func whole() throws -> [TrainingSummary.Evaluation] {
        let sampler = ReplaySampler(dataset.header, seed: seed)
        let decoder = BlockDecoder()
        return try Self.temperatures(of: dataset.header, besides: temperature).map { temperature in
            let replay = try sampler.tempered(to: temperature)
            var statistics = DetectionStatistics()
            var done = 0
            for index in 0..<dataset.blockCount {
                if try steps.ranks.anyone(isInterrupted()) { throw CancellationError() }
                let place = dataset.place(ofBlock: index)
                let block = try steps.ranks.together { try dataset.block(at: place, using: decoder) }
                let examples = (0..<block.sequenceCount).map { row in
                    replay.sequence(block, row: row, visit: 0)
                }
                try statistics.add(steps.evaluate(examples))
                done += examples.count
                report(.evaluating(sequences: done, of: Int(dataset.entryCount), temperature: temperature))
            }
            return TrainingSummary.Evaluation(statistics, at: temperature)
        }
    }
}

extension ShardHeader {
    /// 1, where the shards have it.
    var temperatureNearestOne: Double {
        min(max(1, temperatureRange.minimum), temperatureRange.maximum)
    }
}
