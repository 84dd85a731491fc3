import Format
import Random

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
    private let random: RandomStream

    /// - Parameters:
    ///   - header: What the shards of the data set share.
    ///   - seed: The seed of the training run.
    public init(_ header: ShardHeader, seed: UInt64) {
        range = header.temperatureRange
        shape = header.blockShape
        random = RandomStream(seed: seed, purpose: .replay)
    }

    /// The sampler at one temperature: what a training step uses for all its sequences.
    ///
    /// - Throws: ``ReplayError`` for a temperature that is not positive, or outside the range of shards with a tail.
    public func tempered(to temperature: Double) throws(ReplayError) -> TemperedReplay {
        guard temperature > 0, temperature.isFinite, (1 / temperature).isFinite else {
            throw ReplayError(kind: .temperatureNotPositive, temperature: temperature, range: range)
        }
        if shape.hasTail, !range.contains(temperature) {
            throw ReplayError(kind: .temperatureOutOfRange, temperature: temperature, range: range)
        }
        let inverse = 1 / temperature
        return TemperedReplay(
            temperature: temperature, inverseTemperature: inverse,
            nodeCoefficients: shape.tailNodes.isEmpty
                ? [] : NodeInterpolation.coefficients(at: inverse, nodes: shape.tailNodes[...]),
            position: Quantization.temperaturePosition(temperature, in: range), shape: shape, random: random)
    }
}
