import Format
import Kernels

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// One race: which token wins argmax (z + T g) at every T of a range, for one draw of Gumbel variables g.
///
/// At each T the winner is an exact draw of softmax(z/T) (the Gumbel-max trick, times T). As T rises the lead follows
/// the upper envelope of the lines z + T g.
///
/// Only the best few tokens get a Gumbel each. Their envelope L(T) bounds the winner from below, so another token, whose
/// logit is at most z', can lead only with g > γ = min over T of (L(T) - z')/T. Every other token is in that tail of the
/// Gumbel distribution independently with probability p = 1 - exp(-exp(-γ)); those that are, a handful, are found by
/// skipping geometric gaps, and get Gumbels above γ. The law is that of a Gumbel for every token.
struct Race {
    private let range: TemperatureRange
    /// The lines in the race; logits relative to the largest of all.
    private var logits: [Double] = []
    private var gumbels: [Double] = []
    private var ids: [Int32] = []
    /// The tokens that lead, from the lowest temperature up.
    private(set) var leaders: [Int32] = []
    /// Where each leader but the first takes over, in parts of the range.
    private(set) var changes: [Double] = []
    /// The envelope's lines, and the temperature at which each one's lead ends.
    private var leads: [(line: Int, end: Double)] = []

    init(over range: TemperatureRange) {
        self.range = range
    }

    /// Runs a race of the tokens ranked after the first `headSize`.
    ///
    /// - Parameters:
    ///   - ranked: Keys (``LargestLogits``) of the best tokens, best first; those after the head run explicitly.
    ///   - row: [V] All logits, finite or minus infinity.
    ///   - reference: The largest of them.
    mutating func run(
        _ ranked: Span<UInt64>, after headSize: Int, row: UnsafeBufferPointer<Float>, reference: Float,
        random: inout RandomStream.Draws
    ) {
        logits.removeAll(keepingCapacity: true)
        gumbels.removeAll(keepingCapacity: true)
        ids.removeAll(keepingCapacity: true)
        for rank in headSize..<ranked.count {
            let id = LargestLogits.id(ofKey: ranked[rank])
            let logit = row[Int(id)]
            // A token of no probability runs only if there is no other.
            if logit == -.infinity, rank > headSize { break }
            enter(id, logit == -.infinity ? 0 : Double(logit) - Double(reference), gumbel(random.next()))
        }
        findLeads()
        let last = ranked[ranked.count - 1]
        let lowest = row[Int(LargestLogits.id(ofKey: last))]
        if ranked.count < row.count, lowest > -.infinity {
            enterOthers(below: last, Double(lowest) - Double(reference), row, reference, &random)
            findLeads()
        }
        leaders.removeAll(keepingCapacity: true)
        changes.removeAll(keepingCapacity: true)
        for (index, lead) in leads.enumerated() {
            leaders.append(ids[lead.line])
            if index > 0 {
                changes.append(Quantization.temperaturePosition(leads[index - 1].end, in: range))
            }
        }
    }

    private mutating func enter(_ id: Int32, _ logit: Double, _ gumbel: Double) {
        ids.append(id)
        logits.append(logit)
        gumbels.append(gumbel)
    }

    /// Enters those of the tokens ranked after `last` whose Gumbel is large enough to lead somewhere.
    private mutating func enterOthers(
        below last: UInt64, _ highest: Double, _ row: UnsafeBufferPointer<Float>, _ reference: Float,
        _ random: inout RandomStream.Draws
    ) {
        // Within a lead (L(T) - z')/T falls with T, since the leader's logit is above z'.
        var bound = Double.infinity
        for lead in leads {
            bound = min(bound, gumbels[lead.line] + (logits[lead.line] - highest) / lead.end)
        }
        // A Gumbel exceeds γ when its exponential variable exp(-g) is below exp(-γ).
        let rate = exp(-bound)
        let share = -expm1(-rate)
        var next = 0.0
        while true {
            next += (-log(Double(unitInterval: random.next())) / rate).rounded(.down)
            guard next < Double(row.count) else { return }
            let id = Int(next)
            let logit = row[id]
            if logit > -.infinity, LargestLogits.key(logit, id) < last {
                let exponential = -log1p(-Double(unitInterval: random.next()) * share)
                enter(Int32(truncatingIfNeeded: id), Double(logit) - Double(reference), -log(exponential))
            }
            next += 1
        }
    }

    /// Follows the upper envelope of the lines over the range.
    private mutating func findLeads() {
        leads.removeAll(keepingCapacity: true)
        var leader = 0
        var temperature = range.minimum
        for line in 1..<max(1, ids.count) {
            let difference = (logits[line] - logits[leader]) + temperature * (gumbels[line] - gumbels[leader])
            if difference > 0 { leader = line }
        }
        while true {
            var successor = leader
            var crossing = range.maximum
            for line in ids.indices where gumbels[line] > gumbels[leader] {
                let meeting = (logits[leader] - logits[line]) / (gumbels[line] - gumbels[leader])
                if meeting < crossing || (meeting == crossing && gumbels[line] > gumbels[successor]) {
                    crossing = meeting
                    successor = line
                }
            }
            if successor == leader || crossing >= range.maximum {
                leads.append((leader, range.maximum))
                return
            }
            temperature = max(temperature, crossing)
            leads.append((leader, temperature))
            leader = successor
        }
    }

    /// The Gumbel variable of 64 random bits.
    private func gumbel(_ bits: UInt64) -> Double {
        -log(-log(Double(unitInterval: bits)))
    }
}
