/// zstd's frames that decompressors skip: four bytes of magic number, four of size, then anything.
enum SkippableFrame {
    static let headerSize = 8
    /// The magic number of the header and the block index.
    static let magicNumber: UInt32 = 0x184D_2A50
    /// The magic number that zstd's seekable format reserves for its seek table.
    static let seekTableMagicNumber: UInt32 = 0x184D_2A5E

    static func wrap(_ content: [UInt8], magicNumber: UInt32 = magicNumber) -> [UInt8] {
        var frame: [UInt8] = []
        frame.reserveCapacity(headerSize + content.count)
        frame.append(littleEndian: magicNumber)
        frame.append(littleEndian: UInt32(content.count))
        frame += content
        return frame
    }
}
