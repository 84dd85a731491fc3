import CLibrary
import Format
import Replay

/// The statistics of masked positions at one temperature. Means are over the masked positions looked at.
public struct TemperatureStatistics: Sendable, Hashable {
    /// Bins of ``originalHistogram`` and, ten times finer, of ``tailHistogram``.
    public static let probabilityBinCount = 20
    /// Width of the bins of ``entropyHistogram``, in nats.
    public static let entropyBinWidth = 0.5

    public let temperature: Double
    public private(set) var count = 0
    private var entropySum: Double?
    private var originalSum = 0.0
    private var lossSum = 0.0
    private var tailSum = 0.0
    /// Positions by their entropy, from 0 to log V; entropies above are in the last bin.
    public private(set) var entropyHistogram: [Int]
    /// Positions by the original's probability.
    public private(set) var originalHistogram = [Int](repeating: 0, count: probabilityBinCount)
    /// Positions by the tail's mass.
    public private(set) var tailHistogram = [Int](repeating: 0, count: 1000)

    init(temperature: Double, vocabularySize: Int) {
        self.temperature = temperature
        let bins = (log(Double(vocabularySize)) / Self.entropyBinWidth).rounded(.up)
        entropyHistogram = [Int](repeating: 0, count: max(1, Int(bins)))
    }

    /// - Parameter entropy: Nats; nil where it is not known, and then at all positions.
    mutating func add(_ distribution: ReplayDistribution, entropy: Double?) {
        count += 1
        if let entropy {
            entropySum = (entropySum ?? 0) + entropy
            Self.count(entropy / Self.entropyBinWidth, in: &entropyHistogram)
        }
        originalSum += distribution.originalProbability
        // A logit far below the others is stored, and its probability may still be none.
        lossSum -= log(max(distribution.originalProbability, .leastNormalMagnitude))
        tailSum += distribution.tailProbability
        Self.count(distribution.tailProbability * Double(tailHistogram.count), in: &tailHistogram)
        Self.count(distribution.originalProbability * Double(originalHistogram.count), in: &originalHistogram)
    }

    private static func count(_ bin: Double, in histogram: inout [Int]) {
        let last = histogram.count - 1
        histogram[bin < Double(last) ? max(0, Int(bin)) : last] += 1
    }

    private func mean(_ sum: Double) -> Double { sum / Double(max(count, 1)) }

    /// Nats; nil where the shards do not tell it: those with a tail at a single temperature.
    public var entropy: Double? { entropySum.map { mean($0) } }
    /// The original's probability.
    public var originalProbability: Double { mean(originalSum) }
    /// Nats: the generator's loss at this temperature, which of text that it was not trained on says how good it is.
    public var loss: Double { mean(lossSum) }
    public var tailMass: Double { mean(tailSum) }
    /// The share of masked positions that a replay replaces.
    public var replaceRate: Double { count > 0 ? 1 - originalProbability : 0 }

    /// The tail's mass below which `percent` of the positions lie, rounded down to 1/1000.
    public func tailMass(percentile percent: Int) -> Double {
        var seen = 0
        for (bin, positions) in tailHistogram.enumerated() {
            seen += positions
            if seen * 100 > (count - 1) * percent { return Double(bin) / Double(tailHistogram.count) }
        }
        return 0
    }
}

extension [TemperatureStatistics] {
    /// The share of masked positions that a replay replaces at `temperature`, between those of the nearest temperatures
    /// on a line; nil outside them.
    public func replaceRate(at temperature: Double) -> Double? {
        guard let above = firstIndex(where: { $0.temperature >= temperature }) else { return nil }
        if self[above].temperature == temperature { return self[above].replaceRate }
        guard above > 0 else { return nil }
        let (low, high) = (self[above - 1], self[above])
        let share = (temperature - low.temperature) / (high.temperature - low.temperature)
        return low.replaceRate + share * (high.replaceRate - low.replaceRate)
    }
}

extension TemperatureRange {
    /// Both ends and points at equal distances between; one where the range is a single temperature.
    public func points(parts: Int) -> [Double] {
        if minimum == maximum { return [minimum] }
        return (0...parts).map { part in
            part == parts ? maximum : minimum + (maximum - minimum) * Double(part) / Double(parts)
        }
    }
}
