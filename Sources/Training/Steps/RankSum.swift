import Kernels
import Models
import Ranks

/// Adds up the gradients of all ranks, in the order of the lane tree that one process would add its lanes in.
///
/// Each rank has the sum of its lanes: a node of the tree. In the first exchange, the ranks of sibling nodes meet: each gives the other
/// one half of the floats and adds up the other half, left plus right. Then each two ranks that have the same half of their nodes' sums
/// meet for the next level, with halves of halves, until each rank has a part of the root's sum. The same way back gives all ranks all
/// of it. So no more floats are moved than in any other order, 2 (N - 1) / N of a gradient to and from each of N ranks, and every sum is
/// the one of a single process, to the bit.
///
/// It may cross threads because one thread uses it, between the phases of a step.
struct RankSum: @unchecked Sendable {
    let ranks: any Transport
    /// Of the batch.
    let laneCount: Int
    /// The values that are received, at most half of a gradient.
    private let incoming: FloatBuffer

    init(_ ranks: any Transport, layout: ParameterLayout, laneCount: Int) {
        self.ranks = ranks
        self.laneCount = laneCount
        incoming = FloatBuffer(count: layout.count / 2 + 1)
    }

    private struct Exchange {
        let partner: Int
        let kept: Range<Int>
        let given: Range<Int>
    }

    /// Makes the sum of this rank's lanes that of all.
    ///
    /// - Parameter isEmpty: whether lanes have no examples: a node without any counts as nothing, not as zeros.
    func add(_ sum: ParameterArena, isEmpty: (_ lanes: Range<Int>) -> Bool) throws(RankError) {
        var done: [Exchange] = []
        var range = 0..<sum.values.count
        var groupSize = 1
        while groupSize < ranks.count {
            let partner = ranks.rank ^ groupSize
            let middle = range.lowerBound + range.count / 2
            let (low, high) = (range.lowerBound..<middle, middle..<range.upperBound)
            let (kept, given) = ranks.rank < partner ? (low, high) : (high, low)
            try exchange(sum, with: partner, sending: given, receiving: incoming, at: 0..<kept.count)
            if !isEmpty(lanes(ofGroupOf: partner, groupSize)) {
                if isEmpty(lanes(ofGroupOf: ranks.rank, groupSize)) {
                    Rows.copy(incoming.span(0..<kept.count), to: sum.values.mutableSpan(kept))
                } else {
                    // Which one is left does not matter for two.
                    Rows.add(incoming.span(0..<kept.count), to: sum.values.mutableSpan(kept))
                }
            }
            done.append(Exchange(partner: partner, kept: kept, given: given))
            range = kept
            groupSize *= 2
        }
        for step in done.reversed() {
            try exchange(
                sum, with: step.partner, sending: step.kept, receiving: sum.values, at: step.given)
        }
    }

    private func exchange(
        _ sum: ParameterArena, with partner: Int, sending: Range<Int>, receiving buffer: FloatBuffer,
        at place: Range<Int>
    ) throws(RankError) {
        var target = buffer.mutableSpan(place)
        try ranks.exchange(with: partner, sending: sum.values.span(sending), receiving: &target)
    }

    /// The lanes of the ranks that have one node's sum together.
    private func lanes(ofGroupOf rank: Int, _ groupSize: Int) -> Range<Int> {
        let share = laneCount / ranks.count * groupSize
        let group = rank / groupSize
        return group * share..<(group + 1) * share
    }
}

extension Transport {
    /// This rank's share of a batch's lanes.
    ///
    /// - Throws: where ranks would have unequal shares, or the shares would be no nodes of the lane tree.
    package func share(ofLanes laneCount: Int) throws(RankError) -> Range<Int> {
        guard count & (count - 1) == 0, count <= laneCount else {
            throw RankError(.indivisible(lanes: laneCount, ranks: count))
        }
        let share = laneCount / count
        return rank * share..<(rank + 1) * share
    }
}
