import Format

extension SequenceBlock {
    /// The same block with one code for every tail's log-mass.
    init(_ block: SequenceBlock, tailCode: Int16) {
        self = block
        tailCodes = [Int16](repeating: tailCode, count: block.tailCodes.count)
    }
}
