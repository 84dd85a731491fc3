import Format
import Replay
import Storage
import SystemPackage

/// A data set in numbers, and the statistics of a sample of its blocks; `docs/inspect.md` explains each member of the JSON.
package struct DatasetReport: Encodable {
    package let path: String
    package let passes: Int
    package let sequences: Int
    package let tokens: Int
    package let maskedPositions: Int
    package let shards: Int
    package let blocks: Int
    package let bytes: Int
    package let bytesPerMaskedPosition: Double
    package let isComplete: Bool
    /// The missing shards of an unfinished data set that has a `parts.json`, in words for people.
    package let missingParts: String?
    package let header: ShardHeader
    /// By the order of the header's names.
    package let sources: [Source]
    /// Blocks of several sources that cannot be read: they count for no source.
    package let faults: [String]
    package let neverDrawn: NeverDrawn
    package let epoch: Epoch
    package var sample: SampleReport
    package let schedule: Schedule

    /// The counts of one of the sources.
    package struct Source: Encodable {
        package let name: String
        package let sequences: Int
        package let tokens: Int
        package let maskedPositions: Int
    }

    /// Tokens that no draw gives.
    package struct NeverDrawn: Encodable {
        package let count: Int
        /// The names of the first of them.
        package let first: [String]

        package init(_ ranges: [TokenRange], names: TokenNames) {
            count = ranges.reduce(0) { $0 + Int($1.last - $1.first) + 1 }
            first = ranges.lazy.flatMap { $0.first...$0.last }.prefix(8).map(names.name)
        }
    }

    /// The work of going through the data set once.
    package struct Epoch: Encodable {
        package let sequences: Int
        package let tokens: Int
        package let models: [TrainingEstimate.Model]
    }

    /// How many masked positions are replaced over a run of training.
    package struct Schedule: Encodable {
        package struct Point: Encodable {
            /// Share of the run.
            package let progress: Double
            package let temperature: Double
            /// nil where the shards cannot be replayed at that temperature.
            package let replaceRate: Double?
        }

        package let schedule: String
        package let points: [Point]

        package init(_ schedule: TemperatureSchedule, _ statistics: SampleStatistics) {
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

    package init(
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
