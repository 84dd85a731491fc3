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

    /// How many shards each part has in all. Whoever forges the numbers gets no long loop: it takes time in proportion to the
    /// passes and the parts.
    package static func shardCounts(shards: Int, passes: Int, parts: Int) -> [Int] {
        // A pass gives each part shards / parts, and one more to the parts that follow its own, `shards % parts` of them.
        var counts = [Int](repeating: passes * (shards / parts), count: parts)
        var changes = [Int](repeating: 0, count: parts + 1)
        for pass in 0..<passes {
            let first = pass % parts
            let end = first + shards % parts
            changes[first] += 1
            changes[min(end, parts)] -= 1
            if end > parts {
                changes[0] += 1
                changes[end - parts] -= 1
            }
        }
        var more = 0
        for part in 0..<parts {
            more += changes[part]
            counts[part] += more
        }
        return counts
    }
}

/// How many passes an unfinished data set will have, and in how many parts it is made: `parts.json`, which the run that completes
/// the data set removes.
public struct PartDivision: Codable, Sendable, Hashable {
    public static let fileName = "parts.json"

    /// 1 where one run makes all.
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
