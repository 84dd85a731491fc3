import Fingerprints
import Replay
import Testing

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

    /// Made with a second implementation, in Python, of the descriptions of `Permutation` and `ReplayOrder`: SHA-256 of
    /// "block:row,block:row,..." of an epoch. A run that continues relies on the order.
    @Test(arguments: [
        (0, "ae38d11472246260d91fd4d6b31660b18842a42305e17de5c6bedc858654c864"),
        (1, "1ab8115044386e2e1cd6106aa84cfb9dbe6b1855fa626378aa8098abafa79c64"),
        (7, "9f50743b559f0eb2a5862a6974282e34db2efbdc917a5ebacfa53759dfe0b77c"),
    ])
    func isAsItWas(epoch: UInt32, digest: String) {
        let text = entries(of: ReplayOrder(blockSizes: sizes, seed: 11), epoch: epoch)
            .map { "\($0[0]):\($0[1])" }.joined(separator: ",")
        #expect(Fingerprint.hexadecimal(of: Array(text.utf8)) == digest)
    }

    /// Going from window to window finds the same as looking for each place, and every window looks at its own blocks alone.
    @Test func windowsFollowOneAnother() {
        let order = ReplayOrder(blockSizes: sizes, seed: 11)
        var window: ReplayOrder.Window? = order.window(epoch: 3, containing: 0)
        var place: UInt64 = 0
        while let present = window {
            #expect(present.places.lowerBound == place)
            for inside in present.places { #expect(order.window(epoch: 3, containing: inside) == present) }
            place = present.places.upperBound
            window = order.window(after: present)
        }
        #expect(place == order.entryCount)
    }

    @Test func mixesWithinWindows() {
        let order = ReplayOrder(blockSizes: sizes, seed: 11)
        let neighbors = zip(entries(of: order, epoch: 0), entries(of: order, epoch: 0).dropFirst())
        let sameBlock = neighbors.filter { $0[0] == $1[0] }.count
        // In blocks read whole most neighbors would share theirs; shuffled among 16, about one in sixteen does.
        #expect(sameBlock < Int(order.entryCount) / 6)
    }
}
