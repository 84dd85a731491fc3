import Format
import Storage

/// The statistics of a sample of a data set's blocks, as JSON.
package struct SampleReport: Encodable {
    package struct ColumnSize: Encodable {
        package let column: String
        package let bytes: Int
        package let bytesPerMaskedPosition: Double
    }

    package struct Temperature: Encodable {
        package let temperature: Double
        /// nil where the shards do not tell it.
        package let entropy: Double?
        package let entropyHistogram: [Int]?
        package let originalProbability: Double
        package let loss: Double
        package let originalHistogram: [Int]
        package let tailMass: Double
        package let tailMassPercentiles: [Percentile]
        package let replaceRate: Double
    }

    package struct Percentile: Encodable {
        package let percent: Int
        package let value: Double
    }

    package struct Token: Encodable {
        package let id: Int32
        package let token: String
        package let count: Int
        package let probability: Double
    }

    package let seed: UInt64
    /// Indices of the blocks looked at, among those of the whole data set.
    package private(set) var blocks: [Int]
    package let sequences: Int
    package let tokens: Int
    package let maskedPositions: Int
    package let bytes: Int
    package let columns: [ColumnSize]
    /// Masked positions whose original is in the head, and where it is the head's first.
    package let originalsInHead: Int
    package let originalsFirst: Int
    package let temperatures: [Temperature]
    package let entropyBinWidth: Double
    package let winnersPerRace: [Int]
    package let leadChanges: Int
    package let positions: [SampleStatistics.PositionBin]
    package let shortestSequence: Int?
    package let longestSequence: Int?
    /// Only tokens masked at least so often are ranked.
    package let leastCount: Int
    package let mostPredictable: [Token]
    package let leastPredictable: [Token]
    /// Blocks that could not be read.
    package private(set) var faults: [String]

    private static let shownTokens = 20

    package init(_ statistics: SampleStatistics, names: TokenNames) {
        let counts = statistics.counts
        let masked = Double(max(counts.maskedPositions, 1))
        func size(_ name: String, _ bytes: Int) -> ColumnSize {
            ColumnSize(column: name, bytes: bytes, bytesPerMaskedPosition: Double(bytes) / masked)
        }
        func tokens(_ tokens: some Sequence<TokenStatistics.Token>) -> [Token] {
            tokens.map {
                Token(id: $0.id, token: names.name(of: $0.id), count: $0.count, probability: $0.probability)
            }
        }
        seed = statistics.sample.seed
        blocks = statistics.sample.blocks
        sequences = Int(counts.sequences)
        self.tokens = Int(counts.tokens)
        maskedPositions = Int(counts.maskedPositions)
        let footprint = statistics.footprint
        bytes = footprint.frameSize
        columns =
            Column.allCases.map { size($0.rawValue, footprint.columns[$0] ?? 0) }
            + (footprint.shared > 0 ? [size("shared", footprint.shared)] : [])
            + [size("overhead", footprint.overhead)]
        originalsInHead = statistics.originalsInHead
        originalsFirst = statistics.originalsFirst
        temperatures = counts.maskedPositions == 0 ? [] : statistics.temperatures.map { Temperature($0) }
        entropyBinWidth = TemperatureStatistics.entropyBinWidth
        winnersPerRace = statistics.winnersPerRace
        leadChanges = statistics.leadChanges
        positions = statistics.positions
        shortestSequence = statistics.shortestLength
        longestSequence = statistics.longestLength
        // Of rare tokens the mean says little; a small sample has no others.
        leastCount = counts.maskedPositions > 10_000 ? 10 : 3
        let ranked = statistics.tokens.ranked(atLeast: leastCount)
        mostPredictable = tokens(ranked.prefix(Self.shownTokens))
        leastPredictable = tokens(ranked.suffix(Self.shownTokens).reversed())
        faults = statistics.faults.map(\.description.printable)
    }
}

extension SampleReport {
    /// Within a page's room, whatever the data set says and however large the sample is.
    package func cut() -> SampleReport {
        var report = self
        report.blocks = []
        report.faults = faults.prefix(50).map { $0.unicodeScalars.count > 500 ? $0.prefix(500) + "…" : $0 }
        return report
    }
}

extension SampleReport.Temperature {
    package init(_ statistics: TemperatureStatistics) {
        temperature = statistics.temperature
        entropy = statistics.entropy
        entropyHistogram = statistics.entropy == nil ? nil : statistics.entropyHistogram
        originalProbability = statistics.originalProbability
        loss = statistics.loss
        originalHistogram = statistics.originalHistogram
        tailMass = statistics.tailMass
        tailMassPercentiles = [10, 50, 90].map {
            SampleReport.Percentile(percent: $0, value: statistics.tailMass(percentile: $0))
        }
        replaceRate = statistics.replaceRate
    }
}
