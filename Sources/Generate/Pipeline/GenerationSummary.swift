import Corpus
import Format

/// What a data set, or a part of it, has become.
public struct GenerationSummary: Sendable, Hashable {
    /// Of all passes together.
    public var counts: Counts
    public var passes: Int
    public var shards: Int
    /// Of all shards, headers and tables included.
    public var bytes: UInt64
    /// What there was of text, once through; nil where nobody knows any more.
    public var text: TextCounts?
    /// Whether the data set has all of its shards.
    public var isComplete: Bool
    /// Tokens that this run put through the generator.
    public var newTokens: Int
    /// Time that this run spent.
    public var seconds: Double
}

/// What a generating run reports while it works.
public struct GenerationProgress: Sendable {
    /// Parts of the input done, over all passes, of all parts.
    public var done: Int
    public var total: Int
    /// Tokens that went through the generator.
    public var tokens: Int
}
