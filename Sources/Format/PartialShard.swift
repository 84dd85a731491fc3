import CZstd
import Storage
import SystemPackage

/// The blocks that an interrupted ``ShardWriter`` has left, one after another, for the next one to go on behind.
///
/// The file may end anywhere, and after a power cut parts of it may never have reached the disk: a block counts if its
/// frame is whole, passes its checksum and its content fits the header.
public struct PartialShard {
    let path: FilePath
    let header: ShardHeader
    let headerFrame: [UInt8]
    /// Of the blocks kept.
    private(set) var entries: [BlockIndex.Entry] = []
    /// Bytes of the header and the blocks kept; 0 where nothing is left.
    private(set) var byteCount: UInt64 = 0
    /// Blocks kept.
    public var blockCount: Int { entries.count }
    /// nil where nothing is left, or a shard of another header.
    private let file: RandomAccessFile?
    private var found: BlockIndex.Entry?
    private let decoder = BlockDecoder()
    private let encoder = BlockEncoder()

    /// The blocks that are left of the shard at `path`; there may be none.
    public init(of path: FilePath, header: ShardHeader) throws(ShardError) {
        try header.validate(in: path.string)
        self.path = path
        self.header = header
        headerFrame = try HeaderFrame.encode(header)
        let partial = DurableFile.partialPath(of: path)
        guard Folder(partial.removingLastComponent()).contains(partial.lastComponent?.string ?? "") else {
            file = nil
            return
        }
        let count = headerFrame.count
        let (file, start) = try reportingFileErrors { () throws(FileError) in
            let file = try RandomAccessFile(partial)
            return (file, try file.read(at: 0, count: count))
        }
        self.file = start == headerFrame ? file : nil
        if start == headerFrame { byteCount = UInt64(count) }
    }

    /// The block behind those kept, nil where no more can be used.
    public mutating func next() throws(ShardError) -> SequenceBlock? {
        let isFull = entries.last.map { Int($0.sequences) == header.blockSize } ?? true
        guard isFull, let file, let frame = try FrameWalk(file).frame(at: byteCount), frame.count > 4,
            let frameSize = UInt32(exactly: frame.count)
        else { return nil }
        let contentSize = frame.withUnsafeBytes { ZSTD_getFrameContentSize($0.baseAddress, $0.count) }
        // A frame that is not a block's, such as the index of a shard that was nearly complete, gives the size 0 or
        // does not give one.
        guard (1...UInt64(BlockLayout.maximumByteCount)).contains(contentSize),
            let block = try? decoder.decode(
                frame, contentSize: Int(contentSize), shape: header.blockShape,
                at: ErrorLocation(file: file.path.string, .byte(byteCount))),
            (1...header.blockSize).contains(block.sequenceCount),
            // Some bits of a frame mean nothing to zstd: a frame with them changed has the same content under the same checksum.
            encoder.encode(block).frame == frame
        else { return nil }
        found = BlockIndex.Entry(
            frameSize: frameSize, contentSize: UInt32(contentSize), checksum: frame.littleEndian(at: frame.count - 4),
            sequences: UInt32(block.sequenceCount), tokens: UInt32(block.tokenCount),
            maskedPositions: UInt32(block.maskedCount), source: BlockIndex.Entry.source(of: block.sources))
        return block
    }

    /// Keeps the block that ``next()`` has just returned. Blocks that are not kept are written anew.
    public mutating func keep() {
        guard let found else { preconditionFailure("there is no block to keep") }
        entries.append(found)
        byteCount += UInt64(found.frameSize)
        self.found = nil
    }
}
