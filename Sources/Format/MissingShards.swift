import Storage
import SystemPackage

/// The shards that an unfinished data set does not have yet.
public struct MissingShards: Sendable, Hashable {
    /// Shards that are missing, by the part that makes them. As far as the end of the text is known.
    public private(set) var shardsOfPart: [Int: Int] = [:]
    public let parts: Int
    /// Whether a shard is there that ends a pass: without it nobody knows how many there are.
    public let isEndKnown: Bool

    public init(_ manifest: Manifest, _ division: PartDivision) {
        parts = division.parts
        let end = manifest.shards.first { $0.endsPass }.map { $0.firstSequence &+ $0.counts.sequences }
        isEndKnown = end != nil
        let size = division.sequencesOfShard
        let reached = end ?? manifest.shards.map { $0.firstSequence &+ $0.counts.sequences }.max() ?? 0
        // A shard has a block at least, so a folder of shards that are there cannot have more; a forged header may claim any number.
        let shards = Int(min((reached &+ size &- 1) / size, UInt64(Self.countLimit)))
        var counts = DatasetPart.shardCounts(shards: shards, passes: division.passes, parts: parts)
        var present: Set<[Int]> = []
        for shard in manifest.shards {
            let number = Int(shard.firstSequence / size)
            guard shard.pass < division.passes, number < shards, present.insert([shard.pass, number]).inserted else {
                continue
            }
            counts[DatasetPart.index(ofShard: number, ofPass: shard.pass, parts: parts)] -= 1
        }
        for (part, count) in counts.enumerated() where count > 0 { shardsOfPart[part] = count }
    }

    private static let countLimit = 1 << 20

    /// `nil` where no shard is missing, and in a folder that does not say how many there are to be.
    init?(of manifest: Manifest, in folder: FilePath) {
        guard let division = PartDivision(of: folder) else { return nil }
        self.init(manifest, division)
        if shardsOfPart.isEmpty, isEndKnown { return nil }
    }

    /// As a person reads it: `part 1/4 lacks 2 shards, part 3/4 lacks 1 shard`.
    public var words: String {
        var words = shardsOfPart.sorted { $0.key < $1.key }.prefix(Self.listedParts).map { part, count in
            "\(parts == 1 ? "the data set" : "part \(part)/\(parts)") lacks \(count) \(count == 1 ? "shard" : "shards")"
        }
        if shardsOfPart.count > Self.listedParts {
            words.append("\(shardsOfPart.count - Self.listedParts) other parts lack shards, too")
        }
        if !isEndKnown { words.append("the shard that ends the text is not there yet") }
        return words.joined(separator: ", ")
    }

    private static let listedParts = 16

    func error(in folder: FilePath) -> ShardError {
        ShardError(
            .coverageGap, words, at: ErrorLocation(file: folder.string),
            remedy: parts == 1
                ? "Run the `generate` command that began it again: it continues"
                : "Run these parts of `generate`, then the same command once more without a part")
    }
}
