import Format
import SystemPackage

/// Rewrites a data set so that its tail has no mass, like that of a cache of the top-k alone.
///
/// Masks, heads and the order of sequences stay those of the source. The tail keeps its races, and a weight of zero:
/// it is never drawn.
public enum TruncatedShards {
    public static func write(_ source: Dataset, to folder: FilePath) throws {
        try RewrittenDataset.write(source, to: folder) { block, _ in SequenceBlock(truncating: block) }
    }
}
