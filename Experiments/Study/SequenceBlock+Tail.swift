import Format

extension SequenceBlock {
    /// The same block in which the candidates have all the mass: the tail has none, and neither has an original that is no
    /// candidate.
    init(truncating block: SequenceBlock) {
        self = block
        tailCodes = [Int32](repeating: .min, count: block.tailCodes.count)
        for masked in originalRanks.indices where originalRanks[masked] < 0 {
            originalCodes[masked] = Quantization.headZero
        }
    }
}
