import Format
import Random
import Replay
import Train

/// Sequences of a data set in random order: as many blocks, drawn without repetition, as a short run needs, in memory.
struct ShuffledRows {
    let order: RandomStream
    private var blocks: [SequenceBlock] = []
    /// Block and row, shuffled.
    private var rows: [(block: Int, row: Int)] = []

    /// - Parameter count: sequences that the run visits; from the end of what is there it begins again.
    init(_ dataset: Dataset, count: Int, seed: UInt64) throws {
        order = RandomStream(seed: seed, purpose: .shuffle)
        let places = Permutation(count: dataset.blockCount, stream: order, pass: 0)
        var ordered: [(block: Int, row: Int)] = []
        for index in 0..<dataset.blockCount where ordered.count < count {
            let place = dataset.place(ofBlock: places[index])
            let block = try dataset.block(at: place)
            ordered += (0..<block.sequenceCount).map { (blocks.count, $0) }
            blocks.append(block)
        }
        let shuffled = Permutation(count: ordered.count, stream: order, pass: 1)
        rows = ordered.indices.map { ordered[shuffled[$0]] }
    }

    /// The sequence of a visit with its masked positions drawn anew, and its tokens as they were.
    func replayed(_ number: Int, by replay: TemperedReplay) -> (sequence: ReplayedSequence, originals: [Int32]) {
        let (visit, place) = number.quotientAndRemainder(dividingBy: rows.count)
        let (index, row) = rows[place]
        let block = blocks[index]
        let originals = Array(block.tokens[block.tokenRange(ofSequence: row)])
        var tokens = originals
        var labels = [UInt8](repeating: 0, count: tokens.count)
        var tokenSpan = tokens.mutableSpan
        var labelSpan = labels.mutableSpan
        let counts = replay.replay(
            block, row: row, visit: UInt16(visit), tokens: &tokenSpan, labels: &labelSpan)
        return (ReplayedSequence(tokens: tokens, labels: labels, maskedCount: counts.masked), originals)
    }
}
