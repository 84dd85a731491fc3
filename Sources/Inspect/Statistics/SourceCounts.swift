import Format

/// How much of a data set comes from each of its sources.
///
/// The indices of the shards tell it, but for blocks whose sequences have several sources: these are decoded. Those of them that cannot
/// be are told in ``faults`` and counted nowhere.
public struct SourceCounts: Sendable {
    /// By the order of the header's names.
    public private(set) var counts: [Counts]
    public private(set) var faults: [ShardError] = []

    public init(_ source: ShardSource) throws(ShardError) {
        counts = Array(repeating: Counts(), count: source.header.sources.count)
        if counts.count == 1 {
            counts[0] = source.counts
            return
        }
        let decoder = BlockDecoder()
        for index in 0..<source.blockCount {
            let (reader, block) = try source.place(ofBlock: index)
            if let number = reader.source(ofBlock: block) {
                counts[number] += reader.counts(ofBlock: block)
                continue
            }
            do throws(ShardError) {
                add(try reader.block(at: block, using: decoder))
            } catch {
                faults.append(error)
            }
        }
    }

    private mutating func add(_ block: SequenceBlock) {
        for row in 0..<block.sequenceCount {
            counts[Int(block.sources[row])] += Counts(
                sequences: 1, tokens: UInt64(block.tokenRange(ofSequence: row).count),
                maskedPositions: UInt64(block.maskedRange(ofSequence: row).count))
        }
    }
}
