import CLibrary
import Format
import Random

/// One race: which token wins argmax (z + T g) at every T of a range, for one draw of Gumbel variables g.
///
/// At each T the winner is an exact draw of softmax(z/T) (the Gumbel-max trick, times T). As T rises the lead follows
/// the upper envelope of the lines z + T g.
///
/// Only the best few tokens get a Gumbel each. Their envelope L(T) bounds the winner from below, so another token, whose
/// logit is at most z', can lead only with g > γ = min over T of (L(T) - z')/T. Every other token is in that tail of the
/// Gumbel distribution independently with probability p = 1 - exp(-exp(-γ)); those that are, some dozens, are found by
/// skipping geometric gaps, and get Gumbels above γ. The law is that of a Gumbel for every token.
///
/// The others go in two strata, each with its own z': the few hundred that come next, and the rest of the vocabulary, whose
/// largest logit is far lower, which leaves a fraction of them to look at.
struct Race {
    /// A token in the race; its logit relative to the largest of all.
    private struct Line {
        var id: Int32
        var logit: Double
        var gumbel: Double

        @inline(__always)
        func height(at temperature: Double) -> Double { logit + temperature * gumbel }
    }

    private let range: TemperatureRange
    /// Parts of the scale in which changes are told.
    private let parts: Int
    private var lines: [Line] = []
    /// The tokens that lead, from the lowest temperature up.
    private(set) var leaders: [Int32] = []
    /// Where each leader but the first takes over, in parts of the range.
    private(set) var changes: [Double] = []
    /// The envelope's lines, and the temperature at which each one's lead ends.
    private var leads: [(line: Int, end: Double)] = []
    /// The envelope at the range's minimum and where leads end: between these it is straight.
    private var corners: [(temperature: Double, height: Double)] = []

    /// [32] and [16] Scratch: the numbers that are drawn at a time.
    private var gumbels = [Double](repeating: 0, count: 32)
    private var gaps = [Double](repeating: 0, count: 16)

    init(over range: TemperatureRange, parts: Int) {
        self.range = range
        self.parts = parts
    }

    /// Runs a race of the tokens ranked after the first `headSize` that have a probability: one at least of those ranked.
    ///
    /// - Parameters:
    ///   - ranked: The row's best tokens; those after the head run explicitly.
    ///   - row: [V] All logits, finite or minus infinity.
    ///   - reference: The largest of them.
    mutating func run(
        _ ranked: borrowing LargestLogits, after headSize: Int, row: UnsafeBufferPointer<Float>, reference: Float,
        random: inout RandomStream.Draws
    ) {
        lines.removeAll(keepingCapacity: true)
        for rank in headSize..<ranked.keys.count {
            let id = LargestLogits.id(ofKey: ranked.keys[rank])
            let logit = row[Int(id)]
            // The original, too, has none here, at whatever rank.
            if logit == -.infinity { continue }
            lines.append(Line(id: id, logit: Double(logit) - Double(reference), gumbel: 0))
        }
        drawGumbels(&random)
        findLeads()
        if ranked.keys.count < row.count, let last = lines.last {
            let count = lines.count
            noteCorners()
            enterNext(ranked.next, below: last.logit, row, reference, &random)
            if ranked.bound > -.infinity {
                enterRest(below: ranked.bound, row, reference, &random)
            }
            if lines.count > count { findLeads() }
        }
        leaders.removeAll(keepingCapacity: true)
        changes.removeAll(keepingCapacity: true)
        for (index, lead) in leads.enumerated() {
            leaders.append(lines[lead.line].id)
            if index > 0 {
                changes.append(range.part(of: leads[index - 1].end, in: parts))
            }
        }
    }

    /// A Gumbel variable -log(-log u) for every line.
    private mutating func drawGumbels(_ random: inout RandomStream.Draws) {
        for index in lines.indices {
            if index % 32 == 0 { random.nextGumbels(into: &gumbels) }
            lines[index].gumbel = gumbels[index % 32]
        }
    }

    /// Enters those of the tokens `next` that lead somewhere before the last of them are in.
    private mutating func enterNext(
        _ next: [Int32], below highest: Double, _ row: UnsafeBufferPointer<Float>, _ reference: Float,
        _ random: inout RandomStream.Draws
    ) {
        forEachCandidate(of: next.count, below: highest, &random) { race, index, gumbel in
            race.enter(next[index], row[Int(next[index])], reference, gumbel)
        }
    }

    /// The same of all tokens with logits below `bound`.
    private mutating func enterRest(
        below bound: Float, _ row: UnsafeBufferPointer<Float>, _ reference: Float,
        _ random: inout RandomStream.Draws
    ) {
        forEachCandidate(of: row.count, below: Double(bound) - Double(reference), &random) { race, id, gumbel in
            if row[id] < bound { race.enter(Int32(truncatingIfNeeded: id), row[id], reference, gumbel) }
        }
    }

    @inline(__always)
    private mutating func enter(_ id: Int32, _ logit: Float, _ reference: Float, _ gumbel: Double) {
        if logit == -.infinity { return }
        let line = Line(id: id, logit: Double(logit) - Double(reference), gumbel: gumbel)
        // The line less the envelope is largest at a corner.
        if corners.contains(where: { line.height(at: $0.temperature) > $0.height }) { lines.append(line) }
    }

    private mutating func noteCorners() {
        corners.removeAll(keepingCapacity: true)
        corners.append((range.minimum, lines[leads[0].line].height(at: range.minimum)))
        for lead in leads { corners.append((lead.end, lines[lead.line].height(at: lead.end))) }
    }

    /// Visits those of `count` tokens whose Gumbels are large enough to lead with a logit of `highest`.
    ///
    /// - Parameter body: Is given the token's index and its Gumbel.
    @inline(__always)
    private mutating func forEachCandidate(
        of count: Int, below highest: Double, _ random: inout RandomStream.Draws,
        _ body: (inout Race, Int, Double) -> Void
    ) {
        // Within a lead (L(T) - z')/T falls with T, since the leader's logit is above z'.
        var bound = Double.infinity
        for (corner, lead) in zip(corners.dropFirst(), leads) {
            bound = min(bound, lines[lead.line].gumbel + (lines[lead.line].logit - highest) / corner.temperature)
        }
        // A Gumbel exceeds γ when its exponential variable exp(-g) is below exp(-γ).
        let rate = exp(-bound)
        let share = -expm1(-rate)
        var next = 0.0
        while true {
            random.nextExceedances(rate: rate, share: share, gaps: &gaps, gumbels: &gumbels)
            for index in 0..<16 {
                next += gaps[index]
                guard next < Double(count) else { return }
                body(&self, Int(next), gumbels[index])
                next += 1
            }
        }
    }

    /// Follows the upper envelope of the lines over the range.
    private mutating func findLeads() {
        leads.removeAll(keepingCapacity: true)
        var leader = 0
        var temperature = range.minimum
        for line in lines.indices.dropFirst() {
            let difference =
                (lines[line].logit - lines[leader].logit)
                + temperature * (lines[line].gumbel - lines[leader].gumbel)
            if difference > 0 { leader = line }
        }
        while true {
            var successor = leader
            var crossing = range.maximum
            let leading = lines[leader]
            for index in lines.indices where lines[index].gumbel > leading.gumbel {
                let meeting = (leading.logit - lines[index].logit) / (lines[index].gumbel - leading.gumbel)
                if meeting < crossing || (meeting == crossing && lines[index].gumbel > lines[successor].gumbel) {
                    crossing = meeting
                    successor = index
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
}
