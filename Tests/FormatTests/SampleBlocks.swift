import Format

/// A small generator of test data, SplitMix64 (Steele, Lea and Flood, 2014).
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }
}

func sampleHeader(
    vocabularySize: Int, headSize: Int, raceCount: Int = 4, blockSize: Int = 8, maximumLength: Int = 32,
    pass: Int = 0, firstSequence: UInt64 = 0
) -> ShardHeader {
    ShardHeader(
        vocabularySize: vocabularySize, vocabularySHA256: String(repeating: "a1", count: 32),
        generatorSHA256: String(repeating: "b2", count: 32),
        specialTokens: SpecialTokens(padding: 0, classification: 1, separator: 2, mask: 3),
        maximumLength: maximumLength, maskProbability: 0.15, seed: 7, headSize: headSize, raceCount: raceCount,
        temperatureRange: TemperatureRange(from: 1, to: 2), blockSize: blockSize, pass: pass,
        firstSequence: firstSequence)
}

/// A consistent block of random content.
func sampleBlock(_ header: ShardHeader, sequences: Int, using random: inout SplitMix) -> SequenceBlock {
    let shape = header.blockShape
    var block = SequenceBlock(shape: shape)
    for _ in 0..<sequences {
        let length = Int.random(in: 1...shape.maximumLength, using: &random)
        let tokens = (0..<length).map { _ in Int32.random(in: 0..<Int32(shape.vocabularySize), using: &random) }
        block.appendSequence(tokens.span)
        for position in 0..<length where Int.random(in: 0..<6, using: &random) == 0 {
            appendSamplePosition(position, to: &block, using: &random)
        }
    }
    return block
}

private func appendSamplePosition(_ position: Int, to block: inout SequenceBlock, using random: inout SplitMix) {
    let shape = block.shape
    let ids = (0..<shape.headSize).map { _ in Int32.random(in: 0..<Int32(shape.vocabularySize), using: &random) }
    let logits = ids.map { _ in Float.random(in: -30...5, using: &random) }.sorted(by: >)
    let masses = (0..<shape.tailNodeCount).map { _ in Double.random(in: -70...25, using: &random) }
    block.appendMaskedPosition(position, headIDs: ids.span, headLogits: logits.span, tailLogMasses: masses.span)
    for _ in 0..<shape.raceCount {
        let changes = (0..<Int.random(in: 0...3, using: &random))
            .map { _ in Double.random(in: 0...1024, using: &random) }.sorted()
        let leaders = (0...changes.count).map { _ in Int32.random(in: 0..<Int32(shape.vocabularySize), using: &random) }
        block.appendRace(leaders: leaders.span, changes: changes.span)
    }
}
