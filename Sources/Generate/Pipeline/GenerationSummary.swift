import Corpus
import Format

/// The summary of a data set, or of a part of it.
public struct GenerationSummary: Sendable, Hashable {
    /// Of all passes together.
    public var counts: Counts
    public var passes: Int
    public var shards: Int
    /// Of all shards, headers and tables included.
    public var bytes: UInt64
    /// Counts of the text, read once; nil where they are not known any more.
    public var text: TextCounts?
    /// Whether the data set has all of its shards.
    public var isComplete: Bool
    /// Tokens that this run put through the generator.
    public var newTokens: Int
    /// Time that this run spent.
    public var seconds: Double
}

/// The progress that a generating run reports.
public struct GenerationProgress: Sendable {
    /// Parts of the input done, over all passes, of all parts.
    public var done: Int
    public var total: Int
    /// Tokens that went through the generator.
    public var tokens: Int
}
