extension ShardReader {
    /// The source of all sequences of a block, by the index alone; nil if they have several.
    public func source(ofBlock block: Int) -> Int? {
        let source = index.entries[block].source
        return source == BlockIndex.Entry.severalSources ? nil : Int(source)
    }

    /// The counts of a block, by the index alone.
    public func counts(ofBlock block: Int) -> Counts {
        let entry = index.entries[block]
        return Counts(
            sequences: UInt64(entry.sequences), tokens: UInt64(entry.tokens),
            maskedPositions: UInt64(entry.maskedPositions))
    }
}
