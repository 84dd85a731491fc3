/// zstd's frames that decompressors skip: four bytes of magic number, four of size, then anything.
enum SkippableFrame {
    static let headerSize = 8
    /// The magic number of the header and the block index.
    static let magicNumber: UInt32 = 0x184D_2A50
    /// The magic number that zstd's seekable format reserves for its seek table.
    static let seekTableMagicNumber: UInt32 = 0x184D_2A5E

    /// Whether `bytes` start with one of the sixteen magic numbers of such frames.
    static func starts(_ bytes: [UInt8]) -> Bool {
        bytes.count >= headerSize && bytes.littleEndian(at: 0, as: UInt32.self) & ~0xF == magicNumber
    }
}
