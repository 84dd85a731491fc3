import Storage
import Synchronization
import SystemPackage

/// A folder of shards that belong together.
///
/// It holds P passes (maskings) over the same N sequences. Its entries are numbered pass after pass: entry p × N + s is
/// sequence s in pass p.
public final class Dataset: Sendable {
    public let folder: FilePath
    public let manifest: Manifest
    /// Why the folder's manifest was not used but made anew from the shards; nil if it was used. The new one is not
    /// written (``Manifest/write(to:)`` does that).
    public let manifestFault: ShardError?
    public let counts: Counts
    /// N: sequences of a pass.
    public let sequenceCount: UInt64
    /// P: passes over the sequences, the last of which may be unfinished.
    public let passCount: Int
    /// Whether the last shard of every pass is there.
    public let isComplete: Bool
    /// The missing shards of an unfinished data set that has a `parts.json`; `nil` of any other.
    public let missing: MissingShards?

    /// [shards + 1] The first entry of each shard; the last is the number of entries.
    private let firstEntries: [UInt64]
    /// [shards + 1] The first block of each shard; the last is the number of blocks.
    private let firstBlocks: [Int]
    private let readers = Mutex(OpenShards())

    /// Opens a folder by its manifest, or by its shards where the manifest is missing or does not fit them.
    public init(_ folder: FilePath) throws(ShardError) {
        self.folder = folder
        do throws(ShardError) {
            manifest = try Self.currentManifest(of: folder)
            manifestFault = nil
        } catch {
            manifest = try Manifest(scanning: folder)
            manifestFault = error
        }
        missing = MissingShards(of: manifest, in: folder)
        let passes: PassCoverage
        do throws(ShardError) {
            passes = try PassCoverage(manifest, folder: folder)
        } catch {
            throw missing?.error(in: folder) ?? error
        }
        sequenceCount = passes.sequenceCount
        passCount = passes.passCount
        isComplete = passes.isComplete
        counts = manifest.shards.reduce(into: Counts()) { $0 += $1.counts }
        var entries: [UInt64] = [0]
        var blocks = [0]
        for shard in manifest.shards {
            entries.append(entries[entries.count - 1] + shard.counts.sequences)
            let size = UInt64(manifest.header.blockSize)
            blocks.append(blocks[blocks.count - 1] + Int((shard.counts.sequences + size - 1) / size))
        }
        firstEntries = entries
        firstBlocks = blocks
    }

    /// The header with the values that all shards share.
    public var header: ShardHeader { manifest.header }
    /// Entries in all passes together.
    public var entryCount: UInt64 { firstEntries[firstEntries.count - 1] }
    /// Blocks in all shards together.
    public var blockCount: Int { firstBlocks[firstBlocks.count - 1] }

    /// Where a block is and which entries it holds.
    public struct BlockPlace: Sendable, Hashable {
        /// Index in ``Manifest/shards``.
        public var shard: Int
        /// Index in the shard.
        public var block: Int
        public var entries: Range<UInt64>
    }

    /// The place of one of the data set's ``blockCount`` blocks.
    public func place(ofBlock index: Int) -> BlockPlace {
        precondition((0..<blockCount).contains(index))
        let shard = Self.lastIndex(in: firstBlocks, notAbove: index)
        let block = index - firstBlocks[shard]
        let first = firstEntries[shard] + UInt64(block * header.blockSize)
        return BlockPlace(
            shard: shard, block: block,
            entries: first..<min(first + UInt64(header.blockSize), firstEntries[shard + 1]))
    }

    /// Where an entry is: its block, and its row there.
    public func place(ofEntry entry: UInt64) -> (block: BlockPlace, row: Int) {
        precondition(entry < entryCount)
        let shard = Self.lastIndex(in: firstEntries, notAbove: entry)
        let (block, row) = (entry - firstEntries[shard]).quotientAndRemainder(dividingBy: UInt64(header.blockSize))
        return (place(ofBlock: firstBlocks[shard] + Int(block)), Int(row))
    }

    /// Reads and decodes one block, from any thread.
    ///
    /// - Parameters:
    ///   - place: One of this data set's.
    ///   - decoder: Keep one a thread.
    public func block(
        at place: BlockPlace, using decoder: BlockDecoder = BlockDecoder()
    ) throws(ShardError) -> SequenceBlock {
        try reader(ofShard: place.shard).block(at: place.block, using: decoder)
    }

    /// One of the data set's shards; the latest few stay open.
    public func reader(ofShard shard: Int) throws(ShardError) -> ShardReader {
        if let reader = readers.withLock({ $0.reader(ofShard: shard) }) { return reader }
        let entry = manifest.shards[shard]
        let reader = try ShardReader(folder.appending(entry.name))
        try reader.requireBelonging(to: header, of: folder.appending(Manifest.fileName).string)
        if Manifest.Entry(reader, byteCount: reader.byteCount) != entry {
            throw ShardError(
                .manifestStale, "the shard is not the one that the manifest lists",
                at: ErrorLocation(file: reader.path.string))
        }
        readers.withLock { $0.keep(reader, ofShard: shard) }
        return reader
    }

    /// The folder's manifest, if its shards have the names and sizes that it gives.
    private static func currentManifest(of folder: FilePath) throws(ShardError) -> Manifest {
        let manifest = try Manifest(reading: folder)
        let location = ErrorLocation(file: folder.appending(Manifest.fileName).string)
        let listed = manifest.shards.map(\.name).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let present = try Manifest.shardNames(in: folder)
        if let name = Set(listed).symmetricDifference(present).min() {
            let problem =
                present.contains(name) ? "shard \(name) is not listed" : "shard \(name) is listed, but not there"
            throw ShardError(.manifestStale, problem, at: location)
        }
        if listed != present { throw ShardError(.manifestStale, "a shard is listed twice", at: location) }
        for shard in manifest.shards {
            let size = try reportingFileErrors { () throws(FileError) in
                try RandomAccessFile(folder.appending(shard.name)).count
            }
            if size != shard.byteCount {
                throw ShardError(
                    .manifestStale, "shard \(shard.name) has \(size) bytes, not \(shard.byteCount)", at: location)
            }
        }
        return manifest
    }

    private static func lastIndex<Value: Comparable>(in firsts: [Value], notAbove value: Value) -> Int {
        var low = 0
        var high = firsts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if firsts[middle] <= value { low = middle } else { high = middle }
        }
        return low
    }
}

/// The shards that stay open, latest last: as many as leave room under a usual limit of open files.
private struct OpenShards {
    private static let capacity = 64
    private var readers: [(shard: Int, reader: ShardReader)] = []

    mutating func reader(ofShard shard: Int) -> ShardReader? {
        guard let index = readers.firstIndex(where: { $0.shard == shard }) else { return nil }
        let found = readers.remove(at: index)
        readers.append(found)
        return found.reader
    }

    mutating func keep(_ reader: ShardReader, ofShard shard: Int) {
        readers.removeAll { $0.shard == shard }
        if readers.count == Self.capacity { readers.removeFirst() }
        readers.append((shard, reader))
    }
}
