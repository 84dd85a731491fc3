import Format
import Random

/// The counts of a replay of some sequences, in tokens.
public struct ReplayCounts: Sendable, Hashable {
    public var tokens = 0
    /// Positions that were masked, and so drawn anew.
    public var masked = 0
    /// Those whose draw differs from the original: labeled 1.
    public var replaced = 0

    /// Masked positions whose draw is the original: labeled 0.
    public var sampledOriginal: Int { masked - replaced }

    public init() {}

    public static func += (total: inout Self, part: Self) {
        total.tokens += part.tokens
        total.masked += part.masked
        total.replaced += part.replaced
    }
}

/// A ``ReplaySampler`` at one temperature.
public struct TemperedReplay: Sendable {
    public let temperature: Double
    let weights: TemperedWeights
    /// The weights at the highest temperature and without a policy. They decide which of the pool's numbers can draw
    /// the tail at all.
    let hottest: TemperedWeights
    /// Where in the temperature range this is, in the parts in which races tell their changes.
    let part: Double
    let shape: BlockShape
    let run: RandomStream
    let pool: RandomStream

    /// Writes one sequence with its masked positions drawn anew.
    ///
    /// - Parameters:
    ///   - block: A block of the shards of the sampler's header.
    ///   - row: The sequence's row in the block.
    ///   - visit: How often the run has been through the data set before.
    ///   - tokens: [at least the sequence's length] Receives the ids. Elements behind the sequence are left alone.
    ///   - labels: [at least the sequence's length] Receives 1 where the token is not the original, else 0.
    public func replay(
        _ block: SequenceBlock, row: Int, visit: UInt16, tokens: inout MutableSpan<Int32>,
        labels: inout MutableSpan<UInt8>
    ) -> ReplayCounts {
        precondition(block.shape == shape, "the block is not of the sampler's shards")
        let range = block.tokenRange(ofSequence: row)
        precondition(tokens.count >= range.count && labels.count >= range.count)
        let originals = block.tokens.span
        for index in 0..<range.count {
            tokens[index] = originals[range.lowerBound + index]
            labels[index] = 0
        }
        var counts = ReplayCounts()
        counts.tokens = range.count
        let masks = block.maskedRange(ofSequence: row)
        let most = masks.lazy.map { block.candidateRange(ofMasked: $0).count }.max() ?? 0
        if masks.isEmpty { return counts }
        let numbers = numbers(of: block.place(ofSequence: row), visit: visit)
        withUnsafeTemporaryAllocation(of: Double.self, capacity: TemperedWeights.capacity(candidates: most)) { sums in
            for masked in masks {
                let position = Int(block.maskedPositions[masked])
                let token = draw(from: block, masked: masked, original: tokens[position], numbers, sums)
                let isReplaced = token != tokens[position]
                tokens[position] = token
                labels[position] = isReplaced ? 1 : 0
                counts.masked += 1
                counts.replaced += isReplaced ? 1 : 0
            }
        }
        return counts
    }

    /// The numbers that a visit draws a sequence with.
    private func numbers(of place: SequencePlace, visit: UInt16) -> VisitNumbers {
        guard Int(visit) < shape.visitCount else {
            return VisitNumbers(place: place, stream: run, number: UInt32(visit), isPooled: false)
        }
        let words = run.words(pass: UInt32(place.pass), sequence: place.number, position: .max, draw: .max)
        let visits = UInt32(shape.visitCount)
        return VisitNumbers(
            place: place, stream: pool, number: (UInt32(visit) + words.x % visits) % visits, isPooled: true)
    }

    /// One draw at one masked position.
    ///
    /// - Parameter sums: Scratch.
    private func draw(
        from block: SequenceBlock, masked: Int, original: Int32, _ numbers: VisitNumbers,
        _ sums: UnsafeMutableBufferPointer<Double>
    ) -> Int32 {
        let position = UInt32(truncatingIfNeeded: block.maskedPositions[masked])
        let (tail, total) = weights.add(of: block, masked: masked, into: sums)
        let target = numbers.uniform(at: position, numbers.number) * total
        if target < tail {
            let races = block.raceRange(ofMasked: masked)
            let race =
                races.count == 1
                ? 0
                : numbers.isPooled
                    ? tailDraws(before: numbers, of: block, masked: masked, at: position, sums) : Int(numbers.number)
            return block.winner(ofRace: races.lowerBound + race % races.count, atPart: part)
        }
        let candidates = block.candidateRange(ofMasked: masked)
        for rank in 0..<candidates.count where target < sums[rank] {
            return block.headIDs[candidates.lowerBound + rank]
        }
        return original
    }

    /// How many of the pool's numbers before this visit's can draw the tail.
    private func tailDraws(
        before numbers: VisitNumbers, of block: SequenceBlock, masked: Int, at position: UInt32,
        _ sums: UnsafeMutableBufferPointer<Double>
    ) -> Int {
        if numbers.number == 0 { return 0 }
        let (tail, total) = hottest.add(of: block, masked: masked, into: sums)
        return (0..<numbers.number).count { numbers.uniform(at: position, $0) * total < tail }
    }
}

/// Which numbers a visit draws the positions of a sequence with.
private struct VisitNumbers {
    let place: SequencePlace
    let stream: RandomStream
    let number: UInt32
    /// Whether they are of the pool, whose numbers the writer knew.
    let isPooled: Bool

    func uniform(at position: UInt32, _ number: UInt32) -> Double {
        let words = stream.words(
            pass: UInt32(place.pass), sequence: place.number, position: position, draw: number)
        return Double(unitInterval: UInt64(words.y) << 32 | UInt64(words.x))
    }
}
