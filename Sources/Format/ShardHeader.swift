/// Ids of the tokens that have a role of their own.
public struct SpecialTokens: Codable, Sendable, Hashable, CustomStringConvertible {
    public var padding: Int32
    public var classification: Int32
    public var separator: Int32
    public var mask: Int32

    public init(padding: Int32, classification: Int32, separator: Int32, mask: Int32) {
        self.padding = padding
        self.classification = classification
        self.separator = separator
        self.mask = mask
    }

    public var description: String {
        "padding \(padding), classification \(classification), separator \(separator), mask \(mask)"
    }
}

/// What a shard says about itself before its first block: the JSON of `docs/format.md`.
///
/// All but ``pass`` and ``firstSequence`` must agree between the shards of a data set.
public struct ShardHeader: Codable, Sendable, Hashable {
    /// The version of the format that this code writes and reads.
    public static let version: UInt32 = 1

    /// V: token ids are below it.
    public var vocabularySize: Int
    /// SHA-256 of the vocabulary file, 64 lower-case hexadecimal digits.
    public var vocabularySHA256: String
    /// SHA-256 of the generator's weights file, 64 lower-case hexadecimal digits.
    public var generatorSHA256: String
    public var specialTokens: SpecialTokens
    /// Tokens in the longest sequence allowed, special tokens included.
    public var maximumLength: Int
    /// The share of tokens masked.
    public var maskProbability: Double
    /// The seed of masks and races.
    public var seed: UInt64
    /// k: candidates stored with their logits; V stores all (no tail), 0 stores races alone.
    public var headSize: Int
    /// R: races stored at each masked position.
    public var raceCount: Int
    public var temperatureRange: TemperatureRange
    /// Inverse temperatures at which the tail's log-mass is stored, ascending; empty where head or tail is empty.
    public var tailNodes: [Double]
    /// Sequences in each block but a shard's last.
    public var blockSize: Int
    /// Which masking of the corpus this shard belongs to, from 0.
    public var pass: Int
    /// The number of the shard's first sequence within its pass.
    public var firstSequence: UInt64

    /// - Parameter tailNodeCount: Points of the tail's log-mass.
    public init(
        vocabularySize: Int, vocabularySHA256: String, generatorSHA256: String, specialTokens: SpecialTokens,
        maximumLength: Int, maskProbability: Double, seed: UInt64, headSize: Int, raceCount: Int,
        temperatureRange: TemperatureRange, tailNodeCount: Int = 5, blockSize: Int = 256, pass: Int = 0,
        firstSequence: UInt64 = 0
    ) {
        self.vocabularySize = vocabularySize
        self.vocabularySHA256 = vocabularySHA256
        self.generatorSHA256 = generatorSHA256
        self.specialTokens = specialTokens
        self.maximumLength = maximumLength
        self.maskProbability = maskProbability
        self.seed = seed
        self.headSize = min(headSize, vocabularySize)
        self.raceCount = headSize < vocabularySize ? raceCount : 0
        self.temperatureRange = temperatureRange
        tailNodes =
            headSize > 0 && headSize < vocabularySize ? temperatureRange.evenNodes(tailNodeCount) : []
        self.blockSize = blockSize
        self.pass = pass
        self.firstSequence = firstSequence
    }

    public var blockShape: BlockShape {
        BlockShape(
            vocabularySize: vocabularySize, maximumLength: maximumLength, headSize: headSize, raceCount: raceCount,
            tailNodes: tailNodes)
    }
}
