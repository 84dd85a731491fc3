import Testing
import Train

@Suite struct ReplayOrderTests {
    /// Blocks of different sizes, more than one window of them, the last window not full.
    private let sizes = (0..<39).map { $0 % 5 == 4 ? 3 : 8 }

    private func entries(of order: ReplayOrder, epoch: UInt32) -> [[Int]] {
        (0..<order.entryCount).map { place in
            let window = order.window(epoch: epoch, containing: place)
            let (block, row) = window.sequence(at: place)
            return [window.blocks[block], row]
        }
    }

    @Test func visitsEverySequenceOnceAnEpoch() {
        let order = ReplayOrder(blockSizes: sizes, seed: 11)
        let all = sizes.enumerated().flatMap { block, size in (0..<size).map { [block, $0] } }
        for epoch in 0..<4 as Range<UInt32> {
            #expect(Set(entries(of: order, epoch: epoch)) == Set(all))
            #expect(entries(of: order, epoch: epoch).count == all.count)
        }
    }

    @Test func isAFunctionOfSeedAndEpoch() {
        let order = ReplayOrder(blockSizes: sizes, seed: 11)
        #expect(entries(of: order, epoch: 1) == entries(of: ReplayOrder(blockSizes: sizes, seed: 11), epoch: 1))
        #expect(entries(of: order, epoch: 0) != entries(of: order, epoch: 1))
        #expect(entries(of: order, epoch: 0) != entries(of: ReplayOrder(blockSizes: sizes, seed: 12), epoch: 0))
    }

    @Test func mixesWithinWindows() {
        let order = ReplayOrder(blockSizes: sizes, seed: 11)
        let neighbours = zip(entries(of: order, epoch: 0), entries(of: order, epoch: 0).dropFirst())
        let sameBlock = neighbours.filter { $0[0] == $1[0] }.count
        // In blocks read whole most neighbours would share theirs; shuffled among 16, about one in sixteen does.
        #expect(sameBlock < Int(order.entryCount) / 6)
    }
}
