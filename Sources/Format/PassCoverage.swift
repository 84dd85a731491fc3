import Storage
import SystemPackage

/// How a data set's shards cover its passes: every sequence exactly once in each.
struct PassCoverage {
    private(set) var sequenceCount: UInt64 = 0
    private(set) var passCount = 0
    private(set) var isComplete = true

    /// - Throws: ``ShardError/Kind/coverageGap`` for a missing shard, ``ShardError/Kind/coverageOverlap`` for a doubled one,
    ///   ``ShardError/Kind/noShards``.
    init(_ manifest: Manifest, folder: FilePath) throws(ShardError) {
        var next: UInt64 = 0
        var passEnded = true
        var total = Counts()
        for (number, shard) in manifest.shards.enumerated() {
            let location = ErrorLocation(file: folder.appending(shard.name).string)
            if shard.pass == passCount {
                if passCount == 1 { sequenceCount = next }
                if passCount > 0, !passEnded || next != sequenceCount {
                    throw ShardError(
                        .coverageGap,
                        "pass \(shard.pass) starts, but pass \(passCount - 1) has \(next) sequences, without its end or "
                            + "unlike the \(sequenceCount) of pass 0", at: location)
                }
                passCount += 1
                next = 0
                passEnded = false
            }
            if shard.pass == passCount - 1, shard.firstSequence < next {
                throw Self.overlap(manifest.shards[number - 1], shard, manifest.header, folder)
            }
            if shard.pass != passCount - 1 || shard.firstSequence != next || passEnded {
                throw ShardError(
                    .coverageGap,
                    "the shard starts with sequence \(shard.firstSequence) of pass \(shard.pass), but sequence \(next) of "
                        + "pass \(max(0, passCount - 1)) comes next", at: location)
            }
            let end = next.addingReportingOverflow(shard.counts.sequences)
            if end.overflow || end.partialValue > ShardHeader.Limit.sequence {
                throw ShardError(.coverageGap, "sequences are numbered beyond 2^48", at: location)
            }
            next = end.partialValue
            if !total.add(shard.counts) {
                throw ShardError(.coverageGap, "the shards up to here hold more than 2^48 sequences", at: location)
            }
            passEnded = shard.endsPass
        }
        if passCount == 0 {
            throw ShardError(.noShards, "the manifest lists no shard", at: ErrorLocation(file: folder.string))
        }
        if passCount == 1 { sequenceCount = next }
        if passCount > 1, passEnded ? next != sequenceCount : next >= sequenceCount {
            throw ShardError(
                .coverageGap,
                "pass \(passCount - 1) has \(passEnded ? "" : "at least ")\(next) sequences, pass 0 has \(sequenceCount)"
                    + (passEnded ? "" : ", and does not end"),
                at: ErrorLocation(file: folder.string))
        }
        isComplete = passEnded
    }

    /// Blames the shard that does not have the name that `generate` gave it: it is a copy.
    private static func overlap(
        _ shard: Manifest.Entry, _ other: Manifest.Entry, _ header: ShardHeader, _ folder: FilePath
    ) -> ShardError {
        func hasItsName(_ shard: Manifest.Entry) -> Bool {
            var header = header
            (header.pass, header.firstSequence) = (shard.pass, shard.firstSequence)
            return shard.name == header.fileName
        }
        let (odd, kept) = hasItsName(shard) || !hasItsName(other) ? (other, shard) : (shard, other)
        return ShardError(
            .coverageOverlap,
            "\(kept.name) has sequence \(max(shard.firstSequence, other.firstSequence)) of its pass, too",
            at: ErrorLocation(file: folder.appending(odd.name).string),
            // A copy may have the name of another shard, which is missing then.
            remedy: hasItsName(kept) && !hasItsName(odd)
                ? "Remove this copy, and run the same `generate` command again if another shard is missing then" : nil)
    }
}

extension Counts {
    /// Adds the counts of a shard, unless a data set cannot hold as much: 2^48 entries, of 2^14 tokens on average.
    fileprivate mutating func add(_ shard: Counts) -> Bool {
        let limits = (entries: ShardHeader.Limit.sequence, tokens: UInt64(1) << 62)
        guard shard.sequences <= limits.entries - sequences, shard.tokens <= limits.tokens - tokens else {
            return false
        }
        self += shard
        return true
    }
}
