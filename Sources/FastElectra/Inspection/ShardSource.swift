import ArgumentParser
import Format
import Storage
import SystemPackage

/// What `inspect` looks at: a data set, or one shard of it.
enum ShardSource {
    case dataset(Dataset)
    case shard(ShardReader)

    init(_ path: FilePath) throws {
        if Folder(path).exists {
            self = .dataset(try Dataset(path))
        } else {
            self = .shard(try ShardReader(path))
        }
    }

    var header: ShardHeader {
        switch self {
        case .dataset(let dataset): dataset.header
        case .shard(let reader): reader.header
        }
    }

    var counts: Counts {
        switch self {
        case .dataset(let dataset): dataset.counts
        case .shard(let reader): reader.counts
        }
    }

    var byteCount: UInt64 {
        switch self {
        case .dataset(let dataset): dataset.manifest.shards.reduce(0) { $0 + $1.byteCount }
        case .shard(let reader): reader.byteCount
        }
    }

    /// Where the vocabulary lies.
    var folder: FilePath {
        switch self {
        case .dataset(let dataset): dataset.folder
        case .shard(let reader): reader.path.removingLastComponent()
        }
    }

    /// The block of a sequence, its row there, and its number, which addresses its draws. A shard alone does not know how
    /// many passes come before its own: the draws of a later pass are shown right only through the data set.
    func sequence(_ index: UInt64) throws -> (block: SequenceBlock, row: Int, entry: UInt64) {
        guard index < counts.sequences else {
            throw ValidationError("There is no sequence \(index): there are \(counts.sequences), numbered from 0.")
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
