extension ShardHeader {
    /// Bytes that a block may have, decompressed.
    public static let blockSizeLimit = BlockLayout.maximumByteCount

    /// Bytes of a block whose sequences all have the greatest length, decompressed.
    ///
    /// Every masked position is counted with the most candidates and with a race for each visit. Two lead changes a race are
    /// counted; how many there are depends on the logits, and between temperatures of 1 and 2 most races have none or one.
    ///
    /// - Returns: nil if it is above ``blockSizeLimit``.
    public var largestBlockSize: Int? {
        let maskedPerSequence = max(1, (Double(maximumLength) * maskProbability).rounded(.up))
        func total(_ perSequence: Double) -> UInt32 { UInt32(min(Double(blockSize) * perSequence, Double(UInt32.max))) }
        let tails = isDense ? 0 : maskedPerSequence
        let races = tails * Double(visitCount)
        let counts = BlockCounts(
            sequences: UInt32(clamping: blockSize), tokens: total(Double(maximumLength)),
            maskedPositions: total(maskedPerSequence), candidates: total(maskedPerSequence * Double(mostCandidates)),
            tails: total(tails), races: total(races), leadChanges: total(2 * races))
        return BlockLayout(shape: blockShape, counts: counts)?.byteCount
    }
}
