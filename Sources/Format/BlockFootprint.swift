/// The bytes that the columns of a block take in its shard, compressed.
public struct BlockFootprint: Sendable, Hashable {
    /// Bytes of the frame.
    public var frameSize = 0
    /// Bytes of the zstd blocks that hold parts of one column alone.
    public var columns: [Column: Int] = [:]
    /// Bytes of the zstd blocks that hold parts of several columns: none from our writer, which starts a zstd block with
    /// each plane of a column.
    public var shared = 0

    public init() {}

    /// Bytes of the frame's own header and checksum, and of the block's counts.
    public var overhead: Int { frameSize - columns.values.reduce(shared, +) }

    public static func += (total: inout Self, part: Self) {
        total.frameSize += part.frameSize
        total.columns.merge(part.columns) { $0 + $1 }
        total.shared += part.shared
    }

    /// - Parameters:
    ///   - frame: One that has been decoded to a block of `layout`.
    ///   - blocks: Its zstd blocks (``FrameBlocks``).
    init(frame: [UInt8], blocks: [FrameBlocks.Block], layout: BlockLayout) {
        frameSize = frame.count
        for block in blocks where block.content.lowerBound >= BlockCounts.byteCount && !block.content.isEmpty {
            let column = layout.entries.first {
                $0.offset <= block.content.lowerBound && block.content.upperBound <= $0.offset + $0.byteCount
            }
            if let column {
                columns[column.column, default: 0] += block.frame.count
            } else {
                shared += block.frame.count
            }
        }
    }
}

extension ShardReader {
    /// Where a block's bytes go. The block is decompressed for it: for people who look at a sample, not for training.
    public func footprint(ofBlock block: Int) throws(ShardError) -> BlockFootprint {
        // Refuses all that is not a block.
        let decoded = try self.block(at: block)
        let frame = try frame(ofBlock: block)
        guard let layout = BlockLayout(shape: header.blockShape, counts: BlockCounts(decoded)),
            let blocks = FrameBlocks.of(frame)
        else {
            throw ShardError(
                .blockCorrupt, "block \(block) has changed while it was read", at: location(ofBlock: block))
        }
        return BlockFootprint(frame: frame, blocks: blocks, layout: layout)
    }
}
