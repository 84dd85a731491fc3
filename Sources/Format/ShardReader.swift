import Storage
import SystemPackage

/// Reads one shard, any block at any time, from any number of threads.
public final class ShardReader: Sendable {
    public let path: FilePath
    public let header: ShardHeader
    public let counts: Counts
    /// Whether the last sequence is the last of its pass.
    public let endsPass: Bool
    let index: BlockIndex
    let headerSize: Int
    /// The CRC-32 of the block index, which depends on every block and on the header.
    let checksum: UInt32
    private let file: RandomAccessFile
    /// [blocks + 1] Where each block's frame starts; the last is where the block index does.
    let frameOffsets: [UInt64]

    /// Opens a shard and checks all but its blocks.
    public init(_ path: FilePath) throws(ShardError) {
        self.path = path
        let file = try reportingFileErrors { () throws(FileError) in try RandomAccessFile(path) }
        let (header, headerSize, headerChecksum) = try HeaderFrame.read(from: file)
        let indexOffset = try Self.indexOffset(of: file, headerSize: headerSize)
        let rest = try reportingFileErrors { () throws(FileError) in
            try file.read(at: indexOffset, count: Int(file.count - indexOffset))
        }
        if UInt64(rest.count) != file.count - indexOffset {
            throw ShardError(
                .truncated, "the file has become shorter since it was opened",
                at: ErrorLocation(file: path.string, .byte(indexOffset + UInt64(rest.count))))
        }
        let indexSize = Self.indexSize(ofRest: rest.count)
        let index = try BlockIndex(
            rest[..<indexSize], header: header, headerChecksum: headerChecksum,
            at: ErrorLocation(file: path.string, .byte(indexOffset)))
        let seekTable = SeekTable.encode(headerSize: headerSize, index: index)
        if let difference = zip(rest[indexSize...], seekTable).enumerated().first(where: { $1.0 != $1.1 }) {
            throw ShardError(
                .seekTableMismatch, "the seek table differs from the one that the block index implies",
                at: ErrorLocation(file: path.string, .byte(indexOffset + UInt64(indexSize + difference.offset))))
        }
        var offsets = [UInt64(headerSize)]
        offsets.reserveCapacity(index.entries.count + 1)
        for entry in index.entries { offsets.append(offsets[offsets.count - 1] + UInt64(entry.frameSize)) }
        if offsets[offsets.count - 1] != indexOffset {
            throw ShardError(
                .indexMismatch,
                "blocks end at byte \(offsets[offsets.count - 1]) by the index, which itself starts at byte \(indexOffset)",
                at: ErrorLocation(file: path.string, .byte(indexOffset)))
        }
        self.file = file
        self.header = header
        self.headerSize = headerSize
        self.index = index
        checksum = rest.littleEndian(at: indexSize - 4)
        counts = index.counts
        endsPass = index.endsPass
        frameOffsets = offsets
    }

    /// Where the block index starts, from the number of frames that the file's last bytes give.
    private static func indexOffset(of file: RandomAccessFile, headerSize: Int) throws(ShardError) -> UInt64 {
        let name = file.path.string
        let least = UInt64(headerSize + BlockIndex.fixedSize + SeekTable.byteCount(blocks: 0))
        if file.count < least {
            throw ShardError(
                .truncated, "the file of \(file.count) bytes ends before its block index",
                at: ErrorLocation(file: name, .byte(file.count)))
        }
        let footerOffset = file.count - UInt64(SeekTable.footerSize)
        let footer = try reportingFileErrors { () throws(FileError) in
            try file.read(at: footerOffset, count: SeekTable.footerSize)
        }
        if footer.count < SeekTable.footerSize
            || footer.littleEndian(at: 5, as: UInt32.self) != SeekTable.seekableMagicNumber
        {
            throw ShardError(
                .truncated, "the file does not end with a seek table: it is cut off, or something follows it",
                at: ErrorLocation(file: name, .byte(footerOffset)))
        }
        let frames = UInt64(footer.littleEndian(at: 0, as: UInt32.self))
        let perBlock = UInt64(BlockIndex.Entry.byteCount + SeekTable.entrySize)
        if frames < 2 || (frames - 2) * perBlock > file.count - least {
            throw ShardError(
                .seekTableMismatch, "a seek table of \(frames) frames does not fit the file of \(file.count) bytes",
                at: ErrorLocation(file: name, .byte(footerOffset)))
        }
        return file.count - (frames - 2) * perBlock - UInt64(BlockIndex.fixedSize + SeekTable.byteCount(blocks: 0))
    }

    /// How much of an index followed by its seek table is the index.
    private static func indexSize(ofRest count: Int) -> Int {
        let fixed = BlockIndex.fixedSize + SeekTable.byteCount(blocks: 0)
        let blocks = (count - fixed) / (BlockIndex.Entry.byteCount + SeekTable.entrySize)
        return BlockIndex.fixedSize + blocks * BlockIndex.Entry.byteCount
    }

    /// Bytes of the file.
    public var byteCount: UInt64 { file.count }
    public var blockCount: Int { index.entries.count }

    /// The block that holds a sequence, and its row there.
    ///
    /// - Parameter sequence: Counted from the shard's first.
    public func place(ofSequence sequence: UInt64) -> (block: Int, row: Int) {
        precondition(sequence < counts.sequences)
        let (block, row) = sequence.quotientAndRemainder(dividingBy: UInt64(header.blockSize))
        return (Int(block), Int(row))
    }

    /// Reads and decodes one block.
    ///
    /// - Parameters:
    ///   - block: Below ``blockCount``.
    ///   - decoder: Keep one for each thread, because making one is expensive.
    public func block(at block: Int, using decoder: BlockDecoder = BlockDecoder()) throws(ShardError) -> SequenceBlock {
        let frame = try frame(ofBlock: block)
        let entry = index.entries[block]
        let location = location(ofBlock: block)
        var decoded = try decoder.decode(
            frame, contentSize: Int(entry.contentSize), shape: header.blockShape, at: location)
        decoded.first = SequencePlace(
            pass: header.pass, number: header.firstSequence + UInt64(block) * UInt64(header.blockSize))
        if decoded.sequenceCount != Int(entry.sequences) || decoded.tokenCount != Int(entry.tokens)
            || decoded.maskedCount != Int(entry.maskedPositions)
        {
            throw ShardError(
                .blockShapeMismatch,
                "block \(block) has \(decoded.sequenceCount) sequences, \(decoded.tokenCount) tokens and "
                    + "\(decoded.maskedCount) masked positions, but the index says \(entry.sequences), \(entry.tokens) and "
                    + "\(entry.maskedPositions)", at: location)
        }
        let source = BlockIndex.Entry.source(of: decoded.sources)
        if source != entry.source {
            throw ShardError(
                .blockShapeMismatch,
                "the source of block \(block) is \(source), but the index says \(entry.source)", at: location)
        }
        return decoded
    }

    /// The bytes of a block, of which only the checksum at their end has been compared with the index.
    func frame(ofBlock block: Int) throws(ShardError) -> [UInt8] {
        if !index.entries.indices.contains(block) {
            throw ShardError(
                .outOfBounds, "there is no block \(block) in a shard of \(blockCount)",
                at: ErrorLocation(file: path.string))
        }
        let entry = index.entries[block]
        let offset = frameOffsets[block]
        let frame = try reportingFileErrors { () throws(FileError) in
            try file.read(at: offset, count: Int(entry.frameSize))
        }
        if frame.count < Int(entry.frameSize) {
            throw ShardError(
                .truncated, "the file has become shorter since it was opened",
                at: ErrorLocation(file: path.string, .byte(offset + UInt64(frame.count))))
        }
        if frame.count < 4 || frame.littleEndian(at: frame.count - 4, as: UInt32.self) != entry.checksum {
            throw ShardError(
                .blockCorrupt, "block \(block) is not the one that the index lists", at: location(ofBlock: block))
        }
        return frame
    }

    func location(ofBlock block: Int) -> ErrorLocation {
        ErrorLocation(file: path.string, .byte(frameOffsets[block]))
    }
}
