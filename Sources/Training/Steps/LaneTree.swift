import Dispatch
import Kernels
import Models
import Synchronization

/// Sums of lanes in a fixed order, whoever computes the lanes and whenever they end.
///
/// A batch is dealt to 2^h lanes. Lanes are the leaves of a binary tree, and each node is the sum of its two children, left
/// plus right: floating-point sums depend on that order, so it never changes. A thread that ends the second child of a
/// node adds the two up, then looks at the node's sibling. There are arenas for the lanes in work and one for each level of the
/// tree, no more: a thread takes an arena before it takes a lane, and waits where all arenas hold sums whose siblings are in
/// work. It never waits in vain: once the lanes in work have ended, the complete nodes are those of a prefix of the lanes, at
/// most one a level.
///
/// The last addition, at the root, is left to the caller, who spreads it over all threads.
///
/// A tree may have some of the lanes only: those below one node, which are those of a rank.
package final class LaneTree: Sendable {
    /// Sums below this node are complete: those of lanes `index << level ..< (index + 1) << level`.
    struct Node: Hashable {
        var level: Int
        var index: Int

        var sibling: Node { Node(level: level, index: index ^ 1) }
        var parent: Node { Node(level: level + 1, index: index >> 1) }
        var isLeft: Bool { index & 1 == 0 }
    }

    private struct State {
        var nextLane = 0
        var shares: [Range<Int>] = []
        /// Complete nodes that wait for their sibling; at the end, the children of the root.
        var waiting: [Node: ParameterArena] = [:]
        var free: [ParameterArena] = []
    }

    /// Of the whole batch: a power of two.
    let laneCount: Int
    /// Those that are summed up here: those below one node.
    let lanes: Range<Int>
    private let height: Int
    private let layout: ParameterLayout
    private let state = Mutex(State())
    /// As many as there are arenas that hold no sum. Begun at 0, because a semaphore may not end below its beginning.
    private let room = DispatchSemaphore(value: 0)

    /// - Parameters:
    ///   - laneCount: a power of two.
    ///   - lanes: those to sum up; all if left out.
    package init(_ layout: ParameterLayout, laneCount: Int, lanes: Range<Int>? = nil, threads: Int) {
        precondition(laneCount > 0 && laneCount & (laneCount - 1) == 0)
        let lanes = lanes ?? 0..<laneCount
        precondition(
            lanes.count & (lanes.count - 1) == 0 && lanes.lowerBound.isMultiple(of: lanes.count))
        self.layout = layout
        self.laneCount = laneCount
        self.lanes = lanes
        height = lanes.count.trailingZeroBitCount
        // Two sums are left at the root, and beside them a thread needs room to see that no lane is left.
        for _ in 0..<max(3, Self.arenaCount(lanes: lanes.count, threads: threads)) { room.signal() }
    }

    /// Arenas that exist when `threads` threads work: one for each of them, and one for each level of the tree.
    package static func arenaCount(lanes: Int, threads: Int) -> Int {
        min(lanes, threads) + lanes.trailingZeroBitCount
    }

    /// Begins a batch of so many examples.
    package func begin(exampleCount: Int) {
        state.withLock { state in
            state.nextLane = lanes.lowerBound
            state.shares = (0..<laneCount).map { EvenShares(of: exampleCount, among: laneCount)[$0] }
            for arena in state.waiting.values { release(arena, &state) }
            state.waiting = [:]
        }
    }

    /// The next lane that nobody has taken, and the examples of its share; `nil` after the last. Lanes without examples are
    /// nobody's.
    package func nextLane() -> (lane: Int, share: Range<Int>)? {
        state.withLock { state in
            while state.nextLane < lanes.upperBound {
                let lane = state.nextLane
                state.nextLane += 1
                if !state.shares[lane].isEmpty { return (lane, state.shares[lane]) }
            }
            return nil
        }
    }

    /// The next lane that nobody has taken, with an arena for its sum, whose values count as zeros; `nil` after the last.
    package func nextSum() -> (lane: Int, share: Range<Int>, sum: ParameterArena)? {
        room.wait()
        guard let (lane, share) = nextLane() else {
            room.signal()
            return nil
        }
        let free = state.withLock { $0.free.popLast() }
        free?.erase()
        return (lane, share, free ?? ParameterArena(layout))
    }

    private func release(_ arena: ParameterArena, _ state: inout State) {
        state.free.append(arena)
        room.signal()
    }

    /// Takes a lane's sum, and adds up all nodes that are complete now.
    package func put(_ sum: ParameterArena, ofLane lane: Int) {
        var node = Node(level: 0, index: lane)
        var sum = sum
        sum.settle()
        while node.level < height - 1 {
            guard let sibling = meet(sum, at: node) else { return }
            if case .sum(let other) = sibling {
                let (left, right) = node.isLeft ? (sum, other) : (other, sum)
                Rows.add(right.values.span, to: left.values.mutableSpan)
                state.withLock { release(right, &$0) }
                sum = left
            }
            node = node.parent
        }
        state.withLock { $0.waiting[node] = sum }
    }

    private enum Sibling {
        case sum(ParameterArena)
        case empty
    }

    /// The sibling of a node; where it is not complete, `sum` waits for it.
    private func meet(_ sum: ParameterArena, at node: Node) -> Sibling? {
        state.withLock { state in
            let sibling = node.sibling
            let lanes = sibling.index << sibling.level..<(sibling.index + 1) << sibling.level
            if state.shares[lanes].allSatisfy(\.isEmpty) { return .empty }
            if let other = state.waiting.removeValue(forKey: sibling) { return .sum(other) }
            state.waiting[node] = sum
            return nil
        }
    }

    /// Whether lanes have no examples in the batch that has begun.
    package func isEmpty(_ lanes: Range<Int>) -> Bool {
        state.withLock { $0.shares[lanes].allSatisfy(\.isEmpty) }
    }

    /// The sums whose sum is that of all lanes here, in the order in which to add them: two, or fewer where lanes are empty.
    package func rootParts() -> [ParameterArena] {
        state.withLock { state in
            state.waiting.sorted { $0.key.index < $1.key.index }.map(\.value)
        }
    }
}
