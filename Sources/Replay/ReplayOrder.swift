import Random

/// The order in which training visits a data set: a pure function of (seed, epoch, place in the epoch).
///
/// Two levels, so that neither an index of the corpus nor a block a sequence is needed: blocks are permuted, and the
/// sequences of a few consecutive blocks of that order (a window) are permuted among themselves.
package struct ReplayOrder {
    /// Blocks of one window: with blocks of 256 sequences, 4,096 sequences are in memory at a time.
    package static let windowBlockCount = 16

    package let entryCount: UInt64
    private let blockSizes: [Int]
    private let blocksPerWindow: Int
    private let stream: RandomStream

    /// - Parameters:
    ///   - blockSizes: sequences of each block.
    ///   - blocksPerWindow: fewer take less memory, where several orders are followed at once, and shuffle less.
    package init(blockSizes: [Int], blocksPerWindow: Int = windowBlockCount, seed: UInt64) {
        precondition(blocksPerWindow > 0)
        self.blockSizes = blockSizes
        self.blocksPerWindow = blocksPerWindow
        entryCount = blockSizes.reduce(0) { $0 + UInt64($1) }
        stream = RandomStream(seed: seed, purpose: .shuffle)
    }

    /// Some blocks, and the order of their sequences.
    package struct Window: Hashable {
        package let epoch: UInt32
        /// In the data set, in the order of the epoch.
        package let blocks: [Int]
        /// Places in the epoch that the window fills.
        package let places: Range<UInt64>
        /// Where the window's blocks begin in the order of the epoch.
        let first: Int
        let order: Permutation
        /// Sequences of each block.
        let blockSizes: [Int]

        /// The sequence at a place of the epoch: which of the window's blocks, and which row of it.
        package func sequence(at place: UInt64) -> (block: Int, row: Int) {
            var row = order[Int(place - places.lowerBound)]
            var block = 0
            while row >= blockSizes[block] {
                row -= blockSizes[block]
                block += 1
            }
            return (block, row)
        }
    }

    /// The window that holds a place of an epoch. Looks at every block before it: to go through an epoch, ask for the window
    /// after each.
    package func window(epoch: UInt32, containing place: UInt64) -> Window {
        precondition(place < entryCount)
        var window = self.window(epoch: epoch, first: 0, start: 0)
        while !window.places.contains(place) {
            guard let next = self.window(after: window) else { preconditionFailure("the windows cover the epoch") }
            window = next
        }
        return window
    }

    /// The next window of the epoch; `nil` after its last.
    package func window(after window: Window) -> Window? {
        let first = window.first + blocksPerWindow
        guard first < blockSizes.count else { return nil }
        return self.window(epoch: window.epoch, first: first, start: window.places.upperBound)
    }

    private func window(epoch: UInt32, first: Int, start: UInt64) -> Window {
        let blockOrder = Permutation(count: blockSizes.count, stream: stream, pass: epoch)
        let blocks = (first..<min(first + blocksPerWindow, blockSizes.count)).map { blockOrder[$0] }
        let sizes = blocks.map { blockSizes[$0] }
        let count = sizes.reduce(0, +)
        let order = Permutation(count: count, stream: stream, pass: epoch, section: UInt64(1 + first))
        return Window(
            epoch: epoch, blocks: blocks, places: start..<start + UInt64(count), first: first, order: order,
            blockSizes: sizes)
    }
}
