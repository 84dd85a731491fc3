import Format

/// Which shards of a pass are still to be made, by one part or by a run that makes them all.
struct PassPlan {
    let pass: Int
    /// In each shard but the last.
    let sequencesOfShard: UInt64
    /// `nil` where all shards are to be made.
    let part: DatasetPart?
    /// Sequences of the pass, once that is known.
    var end: UInt64?

    /// The first sequence of the next shard to make at or behind a shard's first sequence; `nil` where the pass ends before.
    func next(from first: UInt64, beside present: PresentShards) -> UInt64? {
        var start = first
        while end.map({ start < $0 }) ?? true {
            let number = Int(start / sequencesOfShard)
            if part?.has(shard: number, ofPass: pass) != false, present.shard(at: start, ofPass: pass) == nil {
                return start
            }
            start += sequencesOfShard
        }
        return nil
    }
}
