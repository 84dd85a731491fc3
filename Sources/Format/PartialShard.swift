import CZstd
import Storage
import SystemPackage

/// The blocks that an interrupted ``ShardWriter`` has left, one after another.
///
/// The file may end anywhere, and after a power cut parts of it may never have reached the disk: a block counts if its
/// frame is whole, passes its checksum and holds what the header allows.
struct PartialShard {
    private let walk: FrameWalk
    private let header: ShardHeader
    private let location: String
    private let decoder = BlockDecoder()
    /// Where the next block starts.
    private(set) var offset: UInt64

    /// What is left of the shard at `path`; nil where that is nothing, or starts with another header.
    init?(of path: FilePath, header: ShardHeader, headerFrame: [UInt8]) throws(ShardError) {
        let partial = DurableFile.partialPath(of: path)
        guard let name = partial.lastComponent?.string, Folder(partial.removingLastComponent()).contains(name) else {
            return nil
        }
        let file = try reportingFileErrors { () throws(FileError) in try RandomAccessFile(partial) }
        let start = try reportingFileErrors { () throws(FileError) in try file.read(at: 0, count: headerFrame.count) }
        if start != headerFrame { return nil }
        walk = FrameWalk(file)
        self.header = header
        location = partial.string
        offset = UInt64(headerFrame.count)
    }

    /// The next block and its entry in the index, nil where no more can be used.
    mutating func next() throws(ShardError) -> (entry: BlockIndex.Entry, block: SequenceBlock)? {
        guard let frame = try walk.frame(at: offset), frame.count > 4, let frameSize = UInt32(exactly: frame.count)
        else { return nil }
        let contentSize = frame.withUnsafeBytes { ZSTD_getFrameContentSize($0.baseAddress, $0.count) }
        // What is no frame of a block, such as the index of a shard that was nearly complete, claims no size or none.
        guard (1...UInt64(BlockLayout.maximumByteCount)).contains(contentSize),
            let block = try? decoder.decode(
                frame, contentSize: Int(contentSize), shape: header.blockShape,
                at: ErrorLocation(file: location, .byte(offset))),
            (1...header.blockSize).contains(block.sequenceCount)
        else { return nil }
        offset += UInt64(frame.count)
        let entry = BlockIndex.Entry(
            frameSize: frameSize, contentSize: UInt32(contentSize), checksum: frame.littleEndian(at: frame.count - 4),
            sequences: UInt32(block.sequenceCount), tokens: UInt32(block.tokenCount),
            maskedPositions: UInt32(block.maskedCount))
        return (entry, block)
    }
}
