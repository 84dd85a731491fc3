import CLibrary
import Format
import Storage

/// The precision that lets draws at a range of temperatures follow softmax(z/T): nodes of the tail's log-mass, parts in
/// which races tell their changes, and the bound that they keep.
public struct ReplayPrecision: Sendable, Hashable {
    /// A range whose bound would exceed this is refused.
    public static let limit = 0.002

    /// Temperatures, ascending; none where every token is a candidate.
    public let nodes: [Double]
    public let changeParts: Int
    /// An upper bound of the total variation between a draw and softmax(z/T), for any logits.
    public let deviation: Double

    /// The fewest nodes that keep the limit.
    ///
    /// - Parameters:
    ///   - range: Temperatures at which shards are to be replayed.
    ///   - vocabularySize: Tokens in a row of logits.
    ///   - candidates: The least and the most of a position.
    /// - Throws: ``TemperatureRangeError`` where no number of nodes keeps it.
    public init(
        of range: TemperatureRange, vocabularySize: Int, candidates: ClosedRange<Int>
    ) throws(TemperatureRangeError) {
        let doublings = range.maximum > range.minimum ? log2(log2(range.maximum / range.minimum)).rounded(.up) : 0
        changeParts = 2048 << Int(max(0, min(4, 2 * doublings)))
        let bound = DeviationBound(
            vocabularySize: vocabularySize, mostCandidates: candidates.upperBound, range: range,
            changeParts: changeParts)
        if candidates.lowerBound == vocabularySize {
            nodes = []
            deviation = bound.largest(nodes: [])
        } else {
            var least: (nodes: [Double], deviation: Double) = ([], .infinity)
            for nodes in Self.choices(over: range) where least.deviation > Self.limit {
                let deviation = bound.largest(nodes: nodes)
                if deviation < least.deviation { least = (nodes, deviation) }
            }
            (nodes, deviation) = least
        }
        if deviation > Self.limit { throw TemperatureRangeError(range: range, deviation: min(1, deviation)) }
    }

    /// Nodes that may do, the fewest first.
    private static func choices(over range: TemperatureRange) -> [[Double]] {
        if range.minimum == range.maximum { return [[range.minimum]] }
        return (2...64).flatMap { count in
            let nodes = chebyshev(count, over: range)
            return [onGrid(nodes, of: range), nodes].compactMap(\.self)
        }
    }

    /// Chebyshev's points on the temperature scale, the ends among them.
    static func chebyshev(_ count: Int, over range: TemperatureRange) -> [Double] {
        let end = range.place(of: range.maximum)
        return (0..<count).map { index in
            if index == 0 { return range.minimum }
            if index == count - 1 { return range.maximum }
            return range.temperature(atPlace: -cos(.pi * Double(index) / Double(count - 1)) * end)
        }
    }

    /// The nodes moved to the nearest points of an even grid of inverse temperatures, which makes them cheap to measure
    /// (``InverseGrid``); nil where two would meet.
    private static func onGrid(_ nodes: [Double], of range: TemperatureRange) -> [Double]? {
        let (low, high) = (1 / range.maximum, 1 / range.minimum)
        let step = (high - low) / Double(InverseGrid.stepCount)
        let places = nodes.map { ((1 / $0 - low) / step).rounded() }
        guard zip(places, places.dropFirst()).allSatisfy({ $0 > $1 }) else { return nil }
        let moved = places.map { place in
            place == 0 ? range.maximum : Int(place) == InverseGrid.stepCount ? range.minimum : 1 / (low + place * step)
        }
        return InverseGrid(through: moved.reversed().map { 1 / $0 }) == nil ? nil : moved
    }
}

extension ShardHeader {
    /// A header whose nodes and parts keep ``ReplayPrecision/limit``.
    ///
    /// - Parameters:
    ///   - candidates: The least and the most of a position; V keeps all logits.
    ///   - visits: Visits of a training run that are independent draws; not used where all logits are kept.
    /// - Throws: ``TemperatureRangeError``.
    public init(
        vocabularySize: Int, vocabularySHA256: String, generatorSHA256: String, specialTokens: SpecialTokens,
        neverDrawn: [TokenRange] = [], sources: [String] = [""], maximumLength: Int, maskProbability: Double,
        seed: UInt64, keeping candidates: ClosedRange<Int>, visits: Int, over range: TemperatureRange,
        blockSize: Int = 256
    ) throws(TemperatureRangeError) {
        let least = min(candidates.lowerBound, vocabularySize)
        let most = min(candidates.upperBound, vocabularySize)
        let precision = try ReplayPrecision(of: range, vocabularySize: vocabularySize, candidates: least...most)
        self.init(
            vocabularySize: vocabularySize, vocabularySHA256: vocabularySHA256, generatorSHA256: generatorSHA256,
            specialTokens: specialTokens, neverDrawn: neverDrawn, sources: sources, maximumLength: maximumLength,
            maskProbability: maskProbability, seed: seed, candidates: least...most,
            visitCount: least == vocabularySize ? 0 : visits, temperatureRange: range, tailNodes: precision.nodes,
            changeParts: precision.changeParts, deviation: precision.deviation, blockSize: blockSize)
    }
}

/// A range of temperatures that shards cannot serve well enough.
public struct TemperatureRangeError: ExplainedError, Hashable {
    public let range: TemperatureRange
    /// The least that any nodes and parts keep.
    public let deviation: Double

    public var blame: Blame { .usage }
    public var location: ErrorLocation? { nil }

    public var problem: String {
        "with temperatures from \(range.minimum) to \(range.maximum) the draws could be off softmax(z/T) by a total"
            + " variation of \(Self.rounded(deviation)), and \(ReplayPrecision.limit) is allowed"
    }

    public var remedy: String { "Choose a narrower range" }

    /// Three significant digits.
    private static func rounded(_ value: Double) -> Double {
        var scale = 1.0
        while value * scale < 100, scale < 1e7 { scale *= 10 }
        return (value * scale).rounded() / scale
    }
}
