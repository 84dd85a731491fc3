import Format

extension ShardHeader {
    /// Bytes of the largest block, decompressed.
    ///
    /// - Throws: where the format does not allow it. A run would end at its first full block.
    func checkedBlockSize() throws(GenerationError) -> Int {
        guard let size = largestBlockSize else {
            throw GenerationError(.blocksTooLarge(limit: Self.blockSizeLimit), nil)
        }
        return size
    }
}
