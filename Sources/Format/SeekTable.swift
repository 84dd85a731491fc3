/// The seek table of zstd's seekable format (contrib/seekable_format of the zstd sources): the last frame of a shard.
///
/// It lists every frame before it, header and block index too, and follows wholly from the block index.
enum SeekTable {
    static let seekableMagicNumber: UInt32 = 0x8F92_EAB1
    static let entrySize = 12
    static let footerSize = 9
    /// Only the flag that each entry has a checksum.
    static let descriptor: UInt8 = 0x80
    /// The low half of XXH64 of nothing, for frames without content.
    static let checksumOfNothing: UInt32 = 0x51D8_E999

    /// Bytes of a seek table, its frame header included, of a shard of `blocks` blocks.
    static func byteCount(blocks: Int) -> Int {
        SkippableFrame.headerSize + (blocks + 2) * entrySize + footerSize
    }

    static func encode(headerSize: Int, index: BlockIndex) -> [UInt8] {
        let size = byteCount(blocks: index.entries.count)
        var frame: [UInt8] = []
        frame.reserveCapacity(size)
        frame.append(littleEndian: SkippableFrame.seekTableMagicNumber)
        frame.append(littleEndian: UInt32(size - SkippableFrame.headerSize))
        func append(_ frameSize: UInt32, _ contentSize: UInt32, _ checksum: UInt32) {
            frame.append(littleEndian: frameSize)
            frame.append(littleEndian: contentSize)
            frame.append(littleEndian: checksum)
        }
        append(UInt32(headerSize), 0, checksumOfNothing)
        for entry in index.entries { append(entry.frameSize, entry.contentSize, entry.checksum) }
        append(UInt32(BlockIndex.fixedSize + index.entries.count * BlockIndex.Entry.byteCount), 0, checksumOfNothing)
        frame.append(littleEndian: UInt32(index.entries.count + 2))
        frame.append(descriptor)
        frame.append(littleEndian: seekableMagicNumber)
        return frame
    }
}
