import Dispatch
import Foundation
import Kernels
import Models
import Synchronization
import Testing
import Training

@Suite struct LaneTreeTests {
    private var layout: ParameterLayout {
        var layout = ParameterLayout()
        _ = layout.declareBias(["bias"], width: 3)
        return layout
    }

    /// Every order in which four lanes can end gives (a + b) + (c + d), to the bit.
    @Test func everyOrderOfEndsGivesTheSameSum() {
        let values: [Float] = [1, 0x1p-24, 0x1p-24, -1]
        let expected = (values[0] + values[1]) + (values[2] + values[3])
        #expect(expected != ((values[0] + values[1]) + values[2]) + values[3], "another order would be seen")
        for order in permutations(of: [0, 1, 2, 3]) {
            let tree = LaneTree(layout, laneCount: 4, threads: 4)
            tree.begin(exampleCount: 4)
            var sums: [ParameterArena] = []
            for _ in 0..<4 { if let next = tree.nextSum() { sums.append(next.sum) } }
            #expect(tree.nextSum() == nil)
            for lane in order {
                let sum = sums[lane]
                var bias = sum.mutableSpan(of: layout.tensors[0])
                bias[0] = values[lane]
                tree.put(sum, ofLane: lane)
            }
            let parts = tree.rootParts()
            #expect(parts.count == 2)
            #expect(parts.reduce(0) { $0 + $1.values.span[0] } == expected)
        }
    }

    /// However late a lane ends, the others come to their end with the arenas that there are, and the sum is whole. A tree
    /// that could run out of arenas would hang here.
    @Test(.timeLimit(.minutes(1)), arguments: [1, 2, 4, 8, 32, 64], [1, 2, 3, 8])
    func aSlowLaneHangsNobody(lanes: Int, threads: Int) {
        let tree = LaneTree(layout, laneCount: lanes, threads: threads)
        for slow in Set([0, 1, lanes / 2, lanes - 1]).filter({ $0 < lanes }) {
            tree.begin(exampleCount: lanes)
            let begun = Atomic(0)
            DispatchQueue.concurrentPerform(iterations: threads) { _ in
                while let (lane, _, sum) = tree.nextSum() {
                    begun.add(1, ordering: .relaxed)
                    // Until the others have begun all lanes that they can.
                    if lane == slow, threads > 1 {
                        for _ in 0..<200 where begun.load(ordering: .relaxed) < lanes { usleep(10) }
                    }
                    var values = sum.mutableSpan(of: layout.tensors[0])
                    values[0] += Float(lane + 1)
                    tree.put(sum, ofLane: lane)
                }
            }
            #expect(tree.rootParts().reduce(0) { $0 + $1.values.span[0] } == Float(lanes * (lanes + 1) / 2))
        }
    }

    private func permutations(of elements: [Int]) -> [[Int]] {
        if elements.count < 2 { return [elements] }
        return elements.flatMap { first in
            permutations(of: elements.filter { $0 != first }).map { [first] + $0 }
        }
    }
}
