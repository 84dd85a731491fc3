import Storage
import SystemPackage

/// Writes one shard, block after block; nothing appears under its name before ``commit(endingPass:)``.
public struct ShardWriter: ~Copyable {
    public let header: ShardHeader
    private var file: DurableFile
    private let headerSize: Int
    private var index: BlockIndex

    public var path: FilePath { file.path }
    /// Blocks appended so far, those of an interrupted writer included.
    public var blockCount: Int { index.entries.count }
    /// Counts of the blocks that have been appended so far.
    public var counts: Counts { index.counts }
    public var bytesWritten: UInt64 { file.bytesWritten }

    /// - Throws: ``ShardError/Kind/headerOutOfRange``, ``ShardError/Kind/inputOutput``.
    public init(_ path: FilePath, header: ShardHeader) throws(ShardError) {
        try header.validate(in: path.string)
        let frame = try HeaderFrame.encode(header)
        file = try reportingFileErrors { () throws(FileError) in
            var file = try DurableFile(replacing: path)
            try file.write(frame.span.bytes)
            return file
        }
        self.header = header
        headerSize = frame.count
        index = BlockIndex(headerChecksum: frame.littleEndian(at: frame.count - 4))
    }

    /// Goes on behind the blocks that an interrupted writer has left and that are kept. Dropped without a commit, the writer
    /// leaves its own for the next one.
    public init(continuing remains: PartialShard) throws(ShardError) {
        file = try reportingFileErrors { () throws(FileError) in
            var file = try DurableFile(continuing: remains.path, after: remains.byteCount)
            if remains.byteCount == 0 { try file.write(remains.headerFrame.span.bytes) }
            return file
        }
        header = remains.header
        headerSize = remains.headerFrame.count
        index = BlockIndex(headerChecksum: remains.headerFrame.littleEndian(at: headerSize - 4))
        index.entries = remains.entries
    }

    /// Appends a block of ``ShardHeader/blockSize`` sequences; only the last may have fewer.
    public mutating func append(_ block: EncodedBlock) throws(ShardError) {
        precondition(index.entries.last.map { Int($0.sequences) == header.blockSize } ?? true)
        precondition((1...header.blockSize).contains(Int(block.counts.sequences)))
        do {
            try file.write(block.frame.span.bytes)
        } catch {
            throw ShardError(error)
        }
        index.entries.append(
            BlockIndex.Entry(
                frameSize: UInt32(block.frame.count), contentSize: block.contentSize, checksum: block.checksum,
                sequences: block.counts.sequences, tokens: block.counts.tokens,
                maskedPositions: block.counts.maskedPositions, source: block.source))
    }

    /// Completes the shard and puts it under its name.
    ///
    /// - Parameter endingPass: Whether its last sequence is the last of its pass; a data set is complete when each of
    ///   its passes has such a shard.
    /// - Returns: The manifest's entry of the shard.
    @discardableResult
    public consuming func commit(endingPass: Bool) throws(ShardError) -> Manifest.Entry {
        index.endsPass = endingPass
        let indexFrame = index.encode()
        let entry = Manifest.Entry(
            name: file.path.lastComponent?.string ?? "", header: header, index: index,
            byteCount: file.bytesWritten + UInt64(indexFrame.count + SeekTable.byteCount(blocks: index.entries.count)),
            checksum: indexFrame.littleEndian(at: indexFrame.count - 4))
        do {
            try file.write(indexFrame.span.bytes)
            try file.write(SeekTable.encode(headerSize: headerSize, index: index).span.bytes)
            try file.commit()
        } catch {
            throw ShardError(error)
        }
        return entry
    }
}
