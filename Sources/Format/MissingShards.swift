import Storage
import SystemPackage

/// The shards that a data set made in parts does not have yet.
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
        let shards = min((reached &+ size &- 1) / size, UInt64(Self.countLimit))
        var present: [Int: Set<UInt64>] = [:]
        for shard in manifest.shards { present[shard.pass, default: []].insert(shard.firstSequence / size) }
        for pass in 0..<division.passes {
            for number in 0..<shards where present[pass]?.contains(number) != true {
                shardsOfPart[DatasetPart.index(ofShard: Int(number), ofPass: pass, parts: parts), default: 0] += 1
            }
        }
    }

    private static let countLimit = 1 << 20

    /// `nil` where no part is missing, and in a folder that is not made in parts.
    init?(of manifest: Manifest, in folder: FilePath) {
        guard let division = PartDivision(of: folder) else { return nil }
        self.init(manifest, division)
        if shardsOfPart.isEmpty, isEndKnown { return nil }
    }

    /// As a person reads it: `part 1/4 lacks 2 shards, part 3/4 lacks 1 shard`.
    public var words: String {
        var words = shardsOfPart.sorted { $0.key < $1.key }.prefix(Self.listedParts).map { part, count in
            "part \(part)/\(parts) lacks \(count) \(count == 1 ? "shard" : "shards")"
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
            remedy: "Run these parts of `generate`, then the same command once more without a part")
    }
}
