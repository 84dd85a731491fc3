import Format
import Random

/// Distils one row of the generator's logits after another into what a shard keeps of it: the head's ids and logits,
/// the tail's log-mass at some temperatures, and races over the tail.
///
/// It owns its scratch memory: make one a thread. Which random numbers a row gets depends on the seed, the pass, the
/// sequence and the position alone, never on the thread.
public final class HeadAndRaces {
    private let header: ShardHeader
    private let random: RandomStream
    private var largest: LargestLogits
    private var race: Race
    private var headIDs: [Int32]
    private var headLogits: [Float]
    private var tailMass: TailMass

    /// Tail tokens that get a Gumbel variable each; the others get one only where it can matter (``Race``). More of
    /// them cost more Gumbels, fewer leave more others to look at: measured on Zipf and real rows of 30,522.
    static let explicitRunners = 64

    /// - Parameter header: The shard's; its seed, pass and sizes are used.
    public init(_ header: ShardHeader) {
        self.header = header
        random = RandomStream(seed: header.seed, purpose: .race)
        let runners = header.raceCount > 0 ? Self.explicitRunners : 0
        let count = min(header.vocabularySize, max(1, header.headSize + runners))
        largest = LargestLogits(count: count, vocabularySize: header.vocabularySize)
        race = Race(over: header.temperatureRange)
        headIDs = [Int32](repeating: 0, count: header.headSize)
        headLogits = [Float](repeating: 0, count: header.headSize)
        tailMass = TailMass(at: header.tailNodes)
    }

    /// Distils the logits of one masked position and appends the result to the block's last sequence.
    ///
    /// - Parameters:
    ///   - logits: [V] The generator's logits at the position. Changed for a while and put back.
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
            distil(row, position, sequence, &block)
        }
        if !isDone {
            throw DistillationError(kind: .logitsNotFinite, sequence: sequence, position: position)
        }
    }

    private func distil(
        _ row: UnsafeMutableBufferPointer<Float>, _ position: Int, _ sequence: UInt64, _ block: inout SequenceBlock
    ) -> Bool {
        guard largest.select(from: UnsafeBufferPointer(row)) else { return false }
        let keys = largest.keys
        let ranked = keys.span
        let reference = row[Int(LargestLogits.id(ofKey: ranked[0]))]
        guard reference.isFinite else { return false }
        for rank in headIDs.indices {
            headIDs[rank] = LargestLogits.id(ofKey: ranked[rank])
            headLogits[rank] = row[Int(headIDs[rank])]
        }
        if !header.tailNodes.isEmpty {
            for id in headIDs { row[Int(id)] = -.infinity }
            tailMass.measure(UnsafeBufferPointer(row), relativeTo: reference)
            for rank in headIDs.indices { row[Int(headIDs[rank])] = headLogits[rank] }
        }
        let tailLogMasses = tailMass.logMasses
        block.appendMaskedPosition(
            position, headIDs: headIDs.span, headLogits: headLogits.span, tailLogMasses: tailLogMasses.span)
        var draws = random.draws(pass: UInt32(header.pass), sequence: sequence, position: UInt32(position))
        for _ in 0..<header.raceCount {
            race.run(
                largest, after: header.headSize, row: UnsafeBufferPointer(row), reference: reference, random: &draws)
            block.appendRace(leaders: race.leaders.span, changes: race.changes.span)
        }
        return true
    }
}
