import Format
import Kernels

/// Draws replacements for masked positions from what shards hold, at any temperature of their range, exactly.
///
/// A draw is of the head's tokens, with weights exp(z/T), and of the tail as a whole, with its mass at T; if the tail is
/// drawn, the race of this visit names the token (`docs/format.md`, "Replaying"). The numbers drawn depend on the seed,
/// the visit, the entry and the position alone: not on batches, threads or where a run was interrupted.
///
/// The head is drawn afresh at every visit. The tail's R races are read in turn: visit v reads race v mod R, so a
/// position visited more than R times sees a race again, at that visit's temperature. Each visit by itself is an exact
/// draw at its temperature; visits that share a race are not independent given that both drew the tail.
public struct ReplaySampler: Sendable {
    private let range: TemperatureRange
    private let shape: BlockShape
    private let nodes: [Double]
    /// Barycentric weights of the nodes.
    private let nodeWeights: [Double]
    private let random: RandomStream

    /// - Parameters:
    ///   - header: What the shards of the data set share.
    ///   - seed: The seed of the training run.
    public init(_ header: ShardHeader, seed: UInt64) {
        range = header.temperatureRange
        shape = header.blockShape
        nodes = header.tailNodes
        nodeWeights = nodes.indices.map { index in
            var product = 1.0
            for other in header.tailNodes.indices where other != index {
                product *= header.tailNodes[index] - header.tailNodes[other]
            }
            return 1 / product
        }
        random = RandomStream(seed: seed, purpose: .replay)
    }

    /// The sampler at one temperature: what a training step uses for all its sequences.
    ///
    /// - Throws: ``ReplayError`` for a temperature that is not positive, or outside the range of shards with a tail.
    public func tempered(to temperature: Double) throws(ReplayError) -> TemperedReplay {
        guard temperature > 0, temperature.isFinite else {
            throw ReplayError(kind: .temperatureNotPositive, temperature: temperature, range: range)
        }
        if shape.hasTail, !range.contains(temperature) {
            throw ReplayError(kind: .temperatureOutOfRange, temperature: temperature, range: range)
        }
        let inverse = 1 / temperature
        return TemperedReplay(
            temperature: temperature, inverseTemperature: inverse, nodeCoefficients: interpolation(at: inverse),
            position: Quantization.temperaturePosition(temperature, in: range), shape: shape, random: random)
    }

    /// The coefficients of the nodes' values in the polynomial through them, at `point` (the second barycentric form:
    /// Berrut and Trefethen, "Barycentric Lagrange interpolation", SIAM Review 2004).
    private func interpolation(at point: Double) -> [Double] {
        if let index = nodes.firstIndex(of: point) {
            return nodes.indices.map { $0 == index ? 1 : 0 }
        }
        let terms = zip(nodeWeights, nodes).map { $0 / (point - $1) }
        let sum = terms.reduce(0, +)
        return terms.map { $0 / sum }
    }
}
