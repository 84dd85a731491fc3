import CLibrary
import Format

/// A bound on the total variation between the draws of a replay and softmax(z/T) that no row of logits exceeds.
///
/// Three things move a draw: the steps of the head's codes, the polynomial between the tail's nodes with the steps of its
/// codes, and the parts in which a race tells its changes (`docs/format.md`, "How exact a replay is").
///
/// The last two are looked for among tails of two levels. The tail that interpolates worst has few levels: its optimality
/// condition is an exponential sum of few terms, which has few zeros. Three and four levels, optimized numerically, were
/// never worse than two.
struct DeviationBound {
    /// Tokens of the tail at two levels.
    private struct Tail {
        let upperCount: Double
        let lowerCount: Double
        let gap: Double

        /// Relative to the upper level.
        func logMass(at temperature: Double) -> Double { log(upperCount + lowerCount * exp(-gap / temperature)) }

        /// The share of the lower level in the tail.
        func lowerShare(at temperature: Double) -> Double {
            let lower = lowerCount * exp(-gap / temperature)
            return lower / (upperCount + lower)
        }
    }

    private let range: TemperatureRange
    private let headCount: Double
    /// How far below the largest logit a tail can lie, over the temperature, and still be drawn.
    private let deepest: Double
    private let temperatures: [Double]
    private let tails: [Tail]
    /// [temperatures][tails]
    private let logMasses: [[Double]]
    /// [temperatures] The largest share of the tail that moves when a race is read half a part early or late.
    private let raceShifts: [Double]

    /// - Parameters:
    ///   - mostCandidates: Of a position; all of the vocabulary leaves no tail.
    ///   - changeParts: Parts of the scale in which races tell their changes.
    init(vocabularySize: Int, mostCandidates: Int, range: TemperatureRange, changeParts: Int) {
        self.range = range
        headCount = Double(min(vocabularySize, mostCandidates + 1))
        // Its probability is below exp(-8) then.
        deepest = log(Double(vocabularySize)) + 8
        let temperatures = range.temperatures(49)
        let tails =
            mostCandidates < vocabularySize ? Self.tails(count: Double(vocabularySize - 1), upTo: range.maximum) : []
        self.temperatures = temperatures
        self.tails = tails
        logMasses = temperatures.map { temperature in tails.map { $0.logMass(at: temperature) } }
        let half = (range.place(of: range.maximum) - range.place(of: range.minimum)) / Double(changeParts) / 2
        raceShifts = temperatures.map { temperature in
            let place = range.place(of: temperature)
            let ends = [range.temperature(atPlace: place - half), range.temperature(atPlace: place + half)]
            return tails.reduce(0) { most, tail in
                let share = tail.lowerShare(at: temperature)
                return ends.reduce(most) { max($0, abs(tail.lowerShare(at: $1) - share)) }
            }
        }
    }

    private static func tails(count: Double, upTo temperature: Double) -> [Tail] {
        // A gap matters where the lower level, with all its tokens, weighs about as much as the upper one.
        let widest = 1.5 * log(max(count, 2)) * temperature + 4 * temperature
        return (0..<32).flatMap { upper in
            (0..<96).map { step in
                let upperCount = exp(log(max(count - 1, 1)) * Double(upper) / 31)
                return Tail(
                    upperCount: upperCount, lowerCount: max(count - upperCount, 0),
                    gap: widest * exp(log(2000) * (Double(step) / 95 - 1)))
            }
        }
    }

    /// The bound over all temperatures of the range.
    ///
    /// - Parameter nodes: Temperatures at which the tail's log-mass is stored; none where there is no tail.
    func largest(nodes: [Double]) -> Double {
        let nodeMasses = nodes.map { node in tails.map { $0.logMass(at: node) } }
        let places = nodes.map(range.place(of:))
        var largest = 0.0
        for (index, temperature) in temperatures.enumerated() {
            let head = headError(at: temperature)
            if !head.isFinite { return 1 }
            var tail = 0.0
            if !nodes.isEmpty {
                let coefficients = NodeInterpolation.coefficients(at: range.place(of: temperature), nodes: places[...])
                tail = tailError(coefficients, nodeMasses, logMasses[index])
                // The tail as a whole lies below the largest logit: its log-mass is that of its levels, less a depth over T.
                let inverse = zip(coefficients, nodes).reduce(0) { $0 + $1.0 / $1.1 }
                tail += abs(inverse - 1 / temperature) * temperature * deepest
            }
            for step in tails.isEmpty ? 0...0 : 0...40 {
                let share = Double(step) / 40
                largest = max(largest, Self.moved(share, head: head, tail: tail) + share * raceShifts[index])
            }
        }
        // Between the rows and the temperatures that are looked at lie others.
        return min(1, 1.03 * largest)
    }

    /// How much of a distribution moves whose tail, with a share of it, is off by `tail` in its logarithm, and whose head's
    /// logits are off by `head`, some up and some down as it hurts most.
    private static func moved(_ share: Double, head: Double, tail: Double) -> Double {
        let most = 1 - share
        func moved(_ part: Double) -> Double { part * (share * tail + (2 - share - 2 * part) * head) }
        let best = head > 0 ? (share * tail + (2 - share) * head) / (4 * head) : most
        return moved(max(0, min(most, best)))
    }

    /// How far off a logit of the head is, over the temperature, where the head's weight lies in a zone of coarser steps as
    /// far as it can.
    private func headError(at temperature: Double) -> Double {
        let scale = range.minimum / temperature
        // Logits that lie lower have no code.
        if headCount * exp(-Quantization.largestDeficit * scale) > 1e-6 { return .infinity }
        return Quantization.headZones.reduce(0) { most, zone in
            max(most, zone.step / 2 * scale * (zone.start > 0 ? min(1, headCount * exp(-zone.start * scale)) : 1))
        }
    }

    private func tailError(_ coefficients: [Double], _ nodeMasses: [[Double]], _ exact: [Double]) -> Double {
        var largest = 0.0
        for index in exact.indices {
            var interpolated = 0.0
            for (coefficient, masses) in zip(coefficients, nodeMasses) { interpolated += coefficient * masses[index] }
            largest = max(largest, abs(interpolated - exact[index]))
        }
        let rounding = Quantization.tailStep / 2 + TailMass.measurementError
        return largest + coefficients.reduce(0) { $0 + abs($1) } * rounding
    }
}

extension TemperatureRange {
    /// Temperatures all over the range, both ends included, at equal ratios.
    func temperatures(_ count: Int) -> [Double] {
        if minimum == maximum { return [minimum] }
        return (0..<count).map { index in
            index == count - 1
                ? maximum : minimum * exp(log(maximum / minimum) * Double(index) / Double(count - 1))
        }
    }
}
