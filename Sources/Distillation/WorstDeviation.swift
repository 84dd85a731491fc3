import Format

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A bound on the total variation between what a replay draws and softmax(z/T) that no row of logits exceeds.
///
/// At one T it is the sum of three parts, each of which has its own worst row:
///
/// - the head's logits, all off by half a step, up and down as it hurts most;
/// - the tail's mass, by its codes and by the polynomial between its nodes;
/// - a race read one part of the range too low.
///
/// The last two are looked for among tails of two levels. The tail that interpolates worst has few levels: its optimality
/// condition is an exponential sum of few terms, which has few zeros. Three and four levels, optimized numerically, were
/// never worse than two.
struct WorstDeviation {
    private let range: TemperatureRange
    private let nodes: [Double]
    private let headSize: Double
    private let tails: [Tail]

    /// Tokens of the tail at two levels, and no head token lower than the first.
    private struct Tail {
        let upperCount: Double
        let lowerCount: Double
        let gap: Double
        /// [nodes] Relative to the upper level, as all masses here.
        var nodeLogMasses: [Double] = []

        func logMass(at inverseTemperature: Double) -> Double {
            log(upperCount + lowerCount * exp(-inverseTemperature * gap))
        }

        /// The share of the lower level in the tail.
        func lowerShare(at inverseTemperature: Double) -> Double {
            let lower = lowerCount * exp(-inverseTemperature * gap)
            return lower / (upperCount + lower)
        }
    }

    init(_ header: ShardHeader) {
        range = header.temperatureRange
        nodes = header.tailNodes
        headSize = Double(header.headSize)
        let count = Double(header.vocabularySize - header.headSize)
        let nodes = nodes
        // A gap matters where the lower level, with all its tokens, weighs about as much as the upper one.
        let widest = 1.5 * log(max(count, 2)) * range.maximum + 4 * range.maximum
        tails = (0..<32).flatMap { upper in
            (0..<96).map { step in
                let upperCount = exp(log(max(count - 1, 1)) * Double(upper) / 31)
                var tail = Tail(
                    upperCount: upperCount, lowerCount: max(count - upperCount, 0),
                    gap: widest * exp(log(2000) * (Double(step) / 95 - 1)))
                tail.nodeLogMasses = nodes.map(tail.logMass(at:))
                return tail
            }
        }
    }

    /// The bound over all temperatures of the range.
    var largest: Double {
        let largest = range.temperatures(49).map { head(at: $0) + tail(at: $0) }.max() ?? 0
        // Between the rows and the temperatures that are looked at lie others.
        return min(1, 1.03 * largest)
    }

    /// All logits of the head but the largest, which is exact, lie where steps are of one size. With the largest one's share p of
    /// the head, errors ±e of the others shift at most e/2 × (1 - p/2)² of it.
    private func head(at temperature: Double) -> Double {
        [(halfStep: 0x1p-8, deficit: 0.0), (0x1p-7, 2), (0x1p-5, 16)].map { zone in
            let largest = 1 / (1 + max(headSize - 1, 0) * exp(-zone.deficit / temperature))
            let others = 1 - largest / 2
            return headSize > 1 ? zone.halfStep / temperature / 2 * others * others : 0
        }.max() ?? 0
    }

    private func tail(at temperature: Double) -> Double {
        let inverse = 1 / temperature
        let raced = 1 / max(range.minimum, temperature - range.partWidth)
        let coefficients = nodes.isEmpty ? [] : NodeInterpolation.coefficients(at: inverse, nodes: nodes[...])
        let rounding =
            coefficients.reduce(0) { $0 + abs($1) } * (Quantization.tailStep / 2 + TailMass.measurementError)
        var (mass, race) = (0.0, 0.0)
        for tail in tails where tail.lowerCount > 0 || nodes.isEmpty == false {
            let logMass = tail.logMass(at: inverse)
            // No token of the head is less probable than one of the tail.
            let odds = headSize > 0 ? logMass - log(headSize) : .infinity
            if !nodes.isEmpty {
                var interpolated = 0.0
                for (coefficient, value) in zip(coefficients, tail.nodeLogMasses) {
                    interpolated += coefficient * value
                }
                mass = max(mass, Self.shift(abs(interpolated - logMass) + rounding, oddsUpTo: odds))
            }
            let moved = abs(tail.lowerShare(at: raced) - tail.lowerShare(at: inverse))
            race = max(race, Self.logistic(odds) * moved)
        }
        return mass + race
    }

    /// How far a probability moves at most whose log-odds are at most `odds` and move by `change` up or down.
    private static func shift(_ change: Double, oddsUpTo odds: Double) -> Double {
        let up = min(odds, -change / 2)
        let down = min(odds, change / 2)
        return max(logistic(up + change) - logistic(up), logistic(down) - logistic(down - change))
    }

    private static func logistic(_ odds: Double) -> Double { 1 / (1 + exp(-odds)) }
}
