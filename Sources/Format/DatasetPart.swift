import FoundationEssentials
import Storage
import SystemPackage

/// One of several parts of a data set, which machines make side by side.
///
/// The shards of each pass are numbered from 0. The next part has the next shard, and each pass begins one part later than the
/// pass before it: so parts are even also where a pass has fewer shards than there are parts.
public struct DatasetPart: Sendable, Hashable, CustomStringConvertible {
    /// Parts in all that a data set may have.
    public static let counts = 1...65536

    /// From 0.
    public let index: Int
    /// Parts in all.
    public let count: Int

    /// - Returns: `nil` where there is no such part.
    public init?(_ index: Int, of count: Int) {
        guard Self.counts.contains(count), (0..<count).contains(index) else { return nil }
        self.index = index
        self.count = count
    }

    public var description: String { "\(index)/\(count)" }

    /// Whether a shard of a pass, by its number, is of this part.
    public func has(shard number: Int, ofPass pass: Int) -> Bool {
        Self.index(ofShard: number, ofPass: pass, parts: count) == index
    }

    static func index(ofShard number: Int, ofPass pass: Int, parts: Int) -> Int { (number + pass) % parts }
}

/// How an unfinished data set is divided: `parts.json`, which the run that completes the data set removes.
public struct PartDivision: Codable, Sendable, Hashable {
    public static let fileName = "parts.json"

    public let parts: Int
    public let passes: Int
    /// In each shard but a pass's last.
    public let sequencesOfShard: UInt64

    public init(parts: Int, passes: Int, sequencesOfShard: UInt64) {
        self.parts = parts
        self.passes = passes
        self.sequencesOfShard = sequencesOfShard
    }

    /// Reads the division of a folder; `nil` where the file is missing or not usable.
    public init?(of folder: FilePath) {
        guard let bytes = try? RandomAccessFile.contents(of: folder.appending(Self.fileName)),
            let division = try? JSONDecoder().decode(Self.self, from: Data(bytes)),
            DatasetPart.counts.contains(division.parts), (1...65536).contains(division.passes),
            (1...ShardHeader.Limit.sequence).contains(division.sequencesOfShard)
        else { return nil }
        self = division
    }

    public func write(to folder: FilePath) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        try DurableFile.write(
            Array(try encoder.encode(self)) + [UInt8(ascii: "\n")], to: folder.appending(Self.fileName))
    }
}
