import Format
import Inspect
import Replay
import Storage
import SystemPackage
import Terminal

/// A data set in numbers, and what a sample of its blocks shows; `docs/inspect.md` explains each member of the JSON.
struct DatasetReport: CommandResult {
    let path: String
    let passes: Int
    let sequences: Int
    let tokens: Int
    let maskedPositions: Int
    let shards: Int
    let blocks: Int
    let bytes: Int
    let bytesPerMaskedPosition: Double
    let isComplete: Bool
    /// What is missing of a data set that is made in parts.
    let missingParts: String?
    let header: ShardHeader
    /// By the order of the header's names.
    let sources: [Source]
    /// Blocks of several sources that cannot be read: they count for no source.
    let faults: [String]
    let neverDrawn: NeverDrawn
    let epoch: Epoch
    var sample: SampleReport
    let schedule: Schedule

    /// What comes from one of the sources.
    struct Source: Encodable {
        let name: String
        let sequences: Int
        let tokens: Int
        let maskedPositions: Int
    }

    /// Tokens that no draw gives.
    struct NeverDrawn: Encodable {
        let count: Int
        /// The names of the first of them.
        let first: [String]

        init(_ ranges: [TokenRange], names: TokenNames) {
            count = ranges.reduce(0) { $0 + Int($1.last - $1.first) + 1 }
            first = ranges.lazy.flatMap { $0.first...$0.last }.prefix(8).map(names.name)
        }
    }

    /// What once through the data set takes.
    struct Epoch: Encodable {
        let sequences: Int
        let tokens: Int
        let models: [TrainingEstimate.Model]
    }

    /// How many masked positions are replaced over a run of training.
    struct Schedule: Encodable {
        struct Point: Encodable {
            /// Share of the run.
            let progress: Double
            let temperature: Double
            /// nil where the shards cannot be replayed at that temperature.
            let replaceRate: Double?
        }

        let schedule: String
        let points: [Point]

        init(_ schedule: TemperatureSchedule, _ statistics: SampleStatistics) {
            self.schedule = schedule.description
            points = (0...20).map { part in
                let progress = Double(part) / 20
                let temperature = schedule.temperature(at: progress)
                let rate =
                    statistics.counts.maskedPositions > 0
                    ? statistics.temperatures.replaceRate(at: temperature) : nil
                return Point(progress: progress, temperature: temperature, replaceRate: rate)
            }
        }
    }

    init(
        _ source: ShardSource, _ sourceCounts: SourceCounts, _ statistics: SampleStatistics,
        schedule: TemperatureSchedule, names: TokenNames
    ) {
        path = source.path.string.printable
        passes = source.passCount
        sequences = Int(source.counts.sequences)
        tokens = Int(source.counts.tokens)
        maskedPositions = Int(source.counts.maskedPositions)
        shards = source.shardCount
        blocks = source.blockCount
        bytes = Int(source.byteCount)
        bytesPerMaskedPosition = Double(bytes) / Double(max(maskedPositions, 1))
        isComplete = source.isComplete
        missingParts = source.missing?.words
        header = source.header
        sources = zip(source.header.sources, sourceCounts.counts).map { name, counts in
            Source(
                name: name.printable, sequences: Int(counts.sequences), tokens: Int(counts.tokens),
                maskedPositions: Int(counts.maskedPositions))
        }
        faults = sourceCounts.faults.map(\.description.printable)
        neverDrawn = NeverDrawn(source.header.neverDrawn, names: names)
        let estimate = TrainingEstimate(source.counts, vocabularySize: source.header.vocabularySize)
        epoch = Epoch(sequences: sequences, tokens: tokens, models: estimate.models)
        sample = SampleReport(statistics, names: names)
        self.schedule = Schedule(schedule, statistics)
    }
}
