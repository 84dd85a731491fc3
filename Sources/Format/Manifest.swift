import FoundationEssentials
import Storage
import SystemPackage

/// The content of a folder of shards: `manifest.json`. All of it can be had from the shards again.
public struct Manifest: Codable, Sendable, Hashable {
    public static let fileName = "manifest.json"
    /// The extension of the names of shards.
    public static let shardExtension = "shard"

    public struct Entry: Codable, Sendable, Hashable {
        public var name: String
        public var byteCount: UInt64
        public var counts: Counts
        public var pass: Int
        /// The number of the shard's first sequence within its pass.
        public var firstSequence: UInt64
        /// Whether the shard's last sequence is the last of its pass.
        public var endsPass: Bool
        /// CRC-32 of the shard's block index, which depends on its header and all its blocks.
        public var checksum: UInt32

        init(name: String, header: ShardHeader, index: BlockIndex, byteCount: UInt64, checksum: UInt32) {
            self.name = name
            self.byteCount = byteCount
            counts = index.counts
            pass = header.pass
            firstSequence = header.firstSequence
            endsPass = index.endsPass
            self.checksum = checksum
        }

        /// Whether a file of that size has room for these counts: they are added up and allocated by before any shard
        /// has been opened.
        func isPlausible(for header: ShardHeader) -> Bool {
            let blocks = byteCount / UInt64(BlockIndex.Entry.byteCount)
            let sequences = blocks.multipliedReportingOverflow(by: UInt64(header.blockSize))
            let tokens = counts.sequences.multipliedReportingOverflow(by: UInt64(header.maximumLength))
            return !sequences.overflow && counts.sequences <= sequences.partialValue && !tokens.overflow
                && counts.tokens <= tokens.partialValue && counts.maskedPositions <= counts.tokens
        }

        init(_ reader: ShardReader, byteCount: UInt64) {
            self.init(
                name: reader.path.lastComponent?.string ?? "", header: reader.header, index: reader.index,
                byteCount: byteCount, checksum: reader.checksum)
        }
    }

    /// The version of the format of the shards.
    public var version: UInt32
    /// The values that the shards share: the header of the first.
    public var header: ShardHeader
    /// In the order of their passes and sequences.
    public var shards: [Entry]

    /// - Parameters:
    ///   - header: Any of the shards' headers.
    ///   - shards: In the order of their passes and sequences.
    public init(header: ShardHeader, shards: [Entry]) {
        version = ShardHeader.version
        self.header = header
        self.header.pass = 0
        self.header.firstSequence = 0
        self.shards = shards.sorted { ($0.pass, $0.firstSequence) < ($1.pass, $1.firstSequence) }
    }

    /// A line that tells this data set from others: its size, and FNV-1a over the checksums of its shards.
    public var fingerprint: String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for shard in shards {
            for shift in stride(from: 0, to: 32, by: 8) {
                hash = (hash ^ UInt64(shard.checksum >> UInt32(shift) & 0xFF)) &* 0x100_0000_01B3
            }
        }
        let sequences = shards.reduce(UInt64(0)) { $0 &+ $1.counts.sequences }
        return "\(sequences) sequences in \(shards.count) shards, \(String(hash, radix: 16))"
    }

    /// Writes the manifest into the folder of its shards.
    public func write(to folder: FilePath) throws(ShardError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        let path = folder.appending(Self.fileName)
        let json: Data
        do {
            json = try encoder.encode(self)
        } catch {
            throw ShardError(.manifestMalformed, "the manifest cannot be written as JSON")
        }
        try reportingFileErrors { () throws(FileError) in
            try DurableFile.write(Array(json) + [UInt8(ascii: "\n")], to: path)
        }
    }

    /// Reads a folder's manifest, without a look at its shards.
    public init(reading folder: FilePath) throws(ShardError) {
        let path = folder.appending(Self.fileName)
        let json = try reportingFileErrors { () throws(FileError) in try RandomAccessFile.contents(of: path) }
        let location = ErrorLocation(file: path.string)
        do {
            self = try JSONDecoder().decode(Self.self, from: Data(json))
        } catch {
            throw ShardError(
                .manifestMalformed, "the manifest's JSON cannot be read: \(excerpt(words(of: error)))", at: location)
        }
        if version != ShardHeader.version {
            throw ShardError(
                .unsupportedVersion,
                "the manifest has version \(ShardHeader.words(ofVersion: version)), this reader knows version "
                    + ShardHeader.words(ofVersion: ShardHeader.version), at: location)
        }
        try header.validate(in: path.string)
        for shard in shards where !shard.isPlausible(for: header) {
            throw ShardError(
                .manifestMalformed, "shard \(shard.name) is said to hold more than its \(shard.byteCount) bytes can",
                at: location)
        }
        if shards != Manifest(header: header, shards: shards).shards {
            throw ShardError(.manifestMalformed, "the manifest's shards are not in order", at: location)
        }
    }

    /// Makes the manifest of the shards in a folder, refusing shards that do not belong together.
    public init(scanning folder: FilePath) throws(ShardError) {
        var first: ShardReader?
        var entries: [Entry] = []
        for name in try Self.shardNames(in: folder) {
            let path = folder.appending(name)
            let reader = try ShardReader(path)
            if let first { try reader.requireBelonging(to: first.header, of: first.path.string) }
            first = first ?? reader
            entries.append(Entry(reader, byteCount: reader.byteCount))
        }
        guard let first else {
            throw ShardError(.noShards, "there is no shard here", at: ErrorLocation(file: folder.string))
        }
        self.init(header: first.header, shards: entries)
    }

    static func shardNames(in folder: FilePath) throws(ShardError) -> [String] {
        let names = try reportingFileErrors { () throws(FileError) in try Folder(folder).names() }
        return names.filter { FilePath($0).extension == shardExtension }
    }
}

extension ShardHeader {
    /// The name that a shard is given in its data set: shards sort by pass, then by sequence.
    public var fileName: String {
        func padded(_ number: some BinaryInteger, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return "pass-\(padded(pass, 5))-sequence-\(padded(firstSequence, 15)).\(Manifest.shardExtension)"
    }
}

extension ShardReader {
    /// Refuses a shard whose header disagrees with that of `file`.
    package func requireBelonging(to header: ShardHeader, of file: String) throws(ShardError) {
        if let difference = self.header.disagreement(with: header) {
            throw ShardError(
                .mixedShards,
                "\(difference.field) is \(difference.own) here, but \(difference.other) in \(file)",
                at: ErrorLocation(file: path.string))
        }
    }
}
