import Format
import Storage
import SystemPackage

/// The source of an inspection: a data set, or one shard of it.
public enum ShardSource: Sendable {
    case dataset(Dataset)
    case shard(ShardReader)

    /// Opens a folder of shards, or a shard.
    public init(_ path: FilePath) throws(ShardError) {
        if Folder(path).exists {
            self = .dataset(try Dataset(path))
        } else {
            self = .shard(try ShardReader(path))
        }
    }

    public var header: ShardHeader {
        switch self {
        case .dataset(let dataset): dataset.header
        case .shard(let reader): reader.header
        }
    }

    public var counts: Counts {
        switch self {
        case .dataset(let dataset): dataset.counts
        case .shard(let reader): reader.counts
        }
    }

    /// Bytes of the shards' files.
    public var byteCount: UInt64 {
        switch self {
        case .dataset(let dataset): dataset.manifest.shards.reduce(0) { $0 + $1.byteCount }
        case .shard(let reader): reader.byteCount
        }
    }

    public var shardCount: Int {
        switch self {
        case .dataset(let dataset): dataset.manifest.shards.count
        case .shard: 1
        }
    }

    public var passCount: Int {
        switch self {
        case .dataset(let dataset): dataset.passCount
        case .shard: 1
        }
    }

    /// Whether all passes are finished, and all parts are there.
    public var isComplete: Bool {
        switch self {
        case .dataset(let dataset): dataset.isComplete && dataset.missing == nil
        case .shard(let reader): reader.endsPass && reader.header.firstSequence == 0
        }
    }

    /// The missing shards of an unfinished data set that has a `parts.json`.
    public var missing: MissingShards? {
        switch self {
        case .dataset(let dataset): dataset.missing
        case .shard: nil
        }
    }

    public var blockCount: Int {
        switch self {
        case .dataset(let dataset): dataset.blockCount
        case .shard(let reader): reader.blockCount
        }
    }

    /// Where the vocabulary lies.
    public var folder: FilePath {
        switch self {
        case .dataset(let dataset): dataset.folder
        case .shard(let reader): reader.path.removingLastComponent()
        }
    }

    public var path: FilePath {
        switch self {
        case .dataset(let dataset): dataset.folder
        case .shard(let reader): reader.path
        }
    }
}

extension ShardSource {
    /// One of the ``blockCount`` blocks, and the number of its first sequence.
    public func block(
        _ index: Int, using decoder: BlockDecoder = BlockDecoder()
    ) throws(ShardError) -> (block: SequenceBlock, firstEntry: UInt64) {
        switch self {
        case .dataset(let dataset):
            let place = dataset.place(ofBlock: index)
            return (try dataset.block(at: place, using: decoder), place.entries.lowerBound)
        case .shard(let reader):
            let first = reader.header.firstSequence + UInt64(index) * UInt64(reader.header.blockSize)
            return (try reader.block(at: index, using: decoder), first)
        }
    }

    /// The shard of one of the ``blockCount`` blocks, and its index there.
    func place(ofBlock index: Int) throws(ShardError) -> (reader: ShardReader, block: Int) {
        switch self {
        case .dataset(let dataset):
            let place = dataset.place(ofBlock: index)
            return (try dataset.reader(ofShard: place.shard), place.block)
        case .shard(let reader): return (reader, index)
        }
    }

    /// The bytes that the columns of a block take.
    public func footprint(ofBlock index: Int) throws(ShardError) -> BlockFootprint {
        let (reader, block) = try place(ofBlock: index)
        return try reader.footprint(ofBlock: block)
    }

    /// The block of a sequence, its row there, and its number. No other block is read.
    ///
    /// - Parameter index: Of a data set, the entry; of a shard, counted from its first.
    /// - Throws: ``InspectionError`` if there is no such sequence, `ShardError`.
    public func sequence(_ index: UInt64) throws -> (block: SequenceBlock, row: Int, entry: UInt64) {
        guard index < counts.sequences else {
            throw InspectionError(.noSuchSequence(index, count: counts.sequences), at: path)
        }
        switch self {
        case .dataset(let dataset):
            let (place, row) = dataset.place(ofEntry: index)
            return (try dataset.block(at: place), row, index)
        case .shard(let reader):
            let (block, row) = reader.place(ofSequence: index)
            return (try reader.block(at: block), row, reader.header.firstSequence + index)
        }
    }
}
