import CLibrary
import Format
import Random

/// Distills one row of the generator's logits after another into the parts that a shard keeps of it: the candidates' ids
/// and logits, the original's logit, the tail's log-mass at some temperatures, and races over the tail.
///
/// It owns its scratch memory: make one a thread. Which random numbers a row gets depends on the seed, the pass, the
/// sequence and the position alone, never on the thread.
public final class HeadAndRaces {
    private let header: ShardHeader
    private let raceStream: RandomStream
    private let pool: RandomStream
    private let rule: CandidateRule
    private var largest: LargestLogits
    private var race: Race
    private var tailMass: TailMass
    /// Of the row at hand, in units of the lowest temperature.
    private var deficits: [Double] = []
    private var headIDs: [Int32] = []

    /// Tail tokens that get a Gumbel variable each; the others get one only where it can matter (``Race``). More of
    /// them cost more Gumbels, fewer leave more others to look at: measured on Zipf and real rows of 30,522.
    static let explicitRunners = 64

    /// - Parameter header: The shard's; its seed, pass and sizes are used.
    public init(_ header: ShardHeader) {
        self.header = header
        raceStream = RandomStream(seed: header.seed, purpose: .race)
        pool = RandomStream(seed: header.seed, purpose: .pool)
        rule = CandidateRule(header.leastCandidates...header.mostCandidates, visits: header.visitCount)
        // The original may be one of the runners, and does not run.
        let runners = header.isDense ? 0 : Self.explicitRunners + 1
        largest = LargestLogits(
            count: min(header.vocabularySize, header.mostCandidates + runners), vocabularySize: header.vocabularySize)
        race = Race(over: header.temperatureRange, parts: header.changeParts)
        tailMass = TailMass(at: header.tailNodes)
    }

    /// Distills the logits of one masked position and appends the result to the block's last sequence.
    ///
    /// - Parameters:
    ///   - logits: [V] The generator's logits at the position. Those of tokens that are never drawn become minus infinity;
    ///     the others are changed for a while and put back.
    ///   - position: Index in the sequence, above that of the sequence's last masked position.
    ///   - sequence: The sequence's number in its pass.
    ///   - block: A block of the header's shape, whose last sequence this is.
    /// - Throws: ``DistillationError`` if a logit is NaN or plus infinity, or all are minus infinity.
    public func append(
        _ logits: inout MutableSpan<Float>, atPosition position: Int, ofSequence sequence: UInt64,
        to block: inout SequenceBlock
    ) throws(DistillationError) {
        precondition(logits.count == header.vocabularySize)
        let isDone = logits.withUnsafeMutableBufferPointer { row in
            for range in header.neverDrawn {
                for id in range.first...range.last { row[Int(id)] = -.infinity }
            }
            return distil(row, position, sequence, &block)
        }
        if !isDone {
            throw DistillationError(kind: .logitsNotFinite, sequence: sequence, position: position)
        }
    }

    private func distil(
        _ row: UnsafeMutableBufferPointer<Float>, _ position: Int, _ sequence: UInt64, _ block: inout SequenceBlock
    ) -> Bool {
        guard largest.select(from: UnsafeBufferPointer(row)) else { return false }
        let reference = row[id(ofRank: 0)]
        guard reference.isFinite else { return false }
        let original = Int(block.original(atPosition: position))
        let originalLogit = row[original]
        let unit = header.temperatureRange.minimum
        func deficit(_ logit: Float) -> Double { (Double(reference) - Double(logit)) / unit }

        // The candidates that there can be, then as many as there are.
        deficits.removeAll(keepingCapacity: true)
        for rank in 0..<min(header.mostCandidates, largest.keys.count) {
            deficits.append(deficit(row[id(ofRank: rank)]))
        }
        let beyond = logMassesBeyond(row, original, reference)
        let originalIsBeyond = !(0..<deficits.count).contains { id(ofRank: $0) == original }
        let hottest = header.temperatureRange.maximum
        let weights = deficits.map { exp(-$0 * unit / hottest) }
        let total =
            weights.reduce(exp(beyond.last ?? -.infinity), +)
            + (originalIsBeyond ? exp(-deficit(originalLogit) * unit / hottest) : 0)
        let count = rule.count(weights, of: total)
        let left = (count..<deficits.count).filter { id(ofRank: $0) != original }

        headIDs.removeAll(keepingCapacity: true)
        for rank in 0..<count { headIDs.append(Int32(id(ofRank: rank))) }
        var tail: [Double] = []
        if hasTail(row, after: count, original) {
            tail = zip(header.tailNodes, beyond).map { node, beyond in
                logOfSum([beyond] + left.map { -deficits[$0] * unit / node })
            }
        }
        block.appendMaskedPosition(
            position, headIDs: headIDs.span, deficits: deficits.span.extracting(0..<count),
            originalDeficit: deficit(originalLogit), tailLogMasses: tail.span)
        if tail.isEmpty { return true }
        row[original] = -.infinity
        runRaces(row, after: count, reference, position, sequence, &block)
        row[original] = originalLogit
        return true
    }

    /// The log-mass at each node of all tokens but the original and those that may become candidates.
    private func logMassesBeyond(
        _ row: UnsafeMutableBufferPointer<Float>, _ original: Int, _ reference: Float
    ) -> [Double] {
        if header.isDense { return [] }
        let ids = (0..<deficits.count).map { id(ofRank: $0) } + [original]
        // Relative to the largest of them, so that no power is too small for a float.
        let largest =
            (deficits.count..<max(deficits.count, largest.keys.count)).lazy
            .map { self.id(ofRank: $0) }.first { $0 != original }.map { row[$0] } ?? -.infinity
        guard largest > -.infinity else { return header.tailNodes.map { _ in -.infinity } }
        let logits = ids.map { row[$0] }
        for id in ids { row[id] = -.infinity }
        tailMass.measure(UnsafeBufferPointer(row), relativeTo: largest)
        for (id, logit) in zip(ids, logits) { row[id] = logit }
        let depth = Double(reference) - Double(largest)
        return zip(header.tailNodes, tailMass.sums).map { log($1) - depth / $0 }
    }

    /// log Σ exp of the terms, one of which is not minus infinity.
    private func logOfSum(_ terms: [Double]) -> Double {
        let largest = terms.reduce(-.infinity, max)
        return largest + log(terms.reduce(0) { $0 + exp($1 - largest) })
    }

    /// Whether there is a token that can be drawn besides the candidates and the original.
    private func hasTail(_ row: UnsafeMutableBufferPointer<Float>, after count: Int, _ original: Int) -> Bool {
        (count..<max(count, largest.keys.count)).contains {
            let id = id(ofRank: $0)
            return id != original && row[id] > -.infinity
        }
    }

    private func runRaces(
        _ row: UnsafeMutableBufferPointer<Float>, after count: Int, _ reference: Float, _ position: Int,
        _ sequence: UInt64, _ block: inout SequenceBlock
    ) {
        var draws = raceStream.draws(pass: UInt32(header.pass), sequence: sequence, position: UInt32(position))
        for _ in 0..<max(1, tailDraws(position, sequence, block)) {
            race.run(largest, after: count, row: UnsafeBufferPointer(row), reference: reference, random: &draws)
            block.appendRace(leaders: race.leaders.span, changes: race.changes.span)
        }
    }

    /// How many of the pool's numbers can draw the tail of the block's last masked position.
    ///
    /// A number that lies within a rounding of the bound may be counted by a reader and not here. It then shares a race.
    private func tailDraws(_ position: Int, _ sequence: UInt64, _ block: SequenceBlock) -> Int {
        let masked = block.maskedCount - 1
        let hottest = header.temperatureRange.maximum
        func weight(_ code: UInt16) -> Double {
            exp(-Quantization.headDeficit(code) * header.temperatureRange.minimum / hottest)
        }
        guard let node = block.tailRange(ofMasked: masked).last else { return 0 }
        let tail = exp(Double(block.tailCodes[node]) * Quantization.tailStep)
        var total = block.candidateRange(ofMasked: masked).reduce(tail) { $0 + weight(block.headCodes[$1]) }
        if block.originalRanks[masked] < 0 { total += weight(block.originalCodes[masked]) }
        return (0..<UInt32(header.visitCount)).count { number in
            let words = pool.words(
                pass: UInt32(header.pass), sequence: sequence, position: UInt32(position), draw: number)
            return Double(unitInterval: UInt64(words.y) << 32 | UInt64(words.x)) * total < tail
        }
    }

    private func id(ofRank rank: Int) -> Int { Int(LargestLogits.id(ofKey: largest.keys[rank])) }
}
