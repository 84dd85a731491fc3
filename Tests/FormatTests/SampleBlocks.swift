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

/// - Parameters:
///   - candidates: The most of a position; all of the vocabulary leaves no tail.
///   - leastCandidates: 1, or all of the vocabulary, if not given.
func sampleHeader(
    vocabularySize: Int, candidates: Int, leastCandidates: Int? = nil, visits: Int = 4, blockSize: Int = 8,
    maximumLength: Int = 32, pass: Int = 0, firstSequence: UInt64 = 0
) -> ShardHeader {
    let isDense = candidates == vocabularySize
    return ShardHeader(
        vocabularySize: vocabularySize, vocabularySHA256: String(repeating: "a1", count: 32),
        generatorSHA256: String(repeating: "b2", count: 32),
        specialTokens: SpecialTokens(padding: 0, classification: 1, separator: 2, mask: 3),
        sources: ["en", "de"], maximumLength: maximumLength, maskProbability: 0.15, seed: 7,
        candidates: (leastCandidates ?? (isDense ? vocabularySize : 1))...candidates, visitCount: isDense ? 0 : visits,
        temperatureRange: TemperatureRange(from: 1, to: 2), tailNodes: isDense ? [] : [1, 1.125, 1.5, 1.75, 2],
        changeParts: 2048, deviation: 0.002, blockSize: blockSize, pass: pass, firstSequence: firstSequence)
}

/// A consistent block of random content.
///
/// - Parameter first: The number of its first sequence.
func sampleBlock(
    _ header: ShardHeader, sequences: Int, first: UInt64? = nil, using random: inout SplitMix
) -> SequenceBlock {
    let shape = header.blockShape
    var block = SequenceBlock(shape: shape)
    block.first = SequencePlace(pass: header.pass, number: first ?? header.firstSequence)
    let source = Int.random(in: 0..<3, using: &random)
    for _ in 0..<sequences {
        let length = Int.random(in: 1...shape.maximumLength, using: &random)
        let tokens = (0..<length).map { _ in Int32.random(in: 0..<Int32(shape.vocabularySize), using: &random) }
        block.appendSequence(
            tokens.span, source: source < 2 ? source : Int.random(in: 0..<2, using: &random),
            secondSegment: Bool.random(using: &random) ? 0 : Int.random(in: 0..<length, using: &random))
        for position in 0..<length where Int.random(in: 0..<6, using: &random) == 0 {
            appendSamplePosition(position, to: &block, using: &random)
        }
    }
    return block
}

private func appendSamplePosition(_ position: Int, to block: inout SequenceBlock, using random: inout SplitMix) {
    let shape = block.shape
    let tokens = 0..<Int32(shape.vocabularySize)
    let count = Int.random(in: shape.candidateCounts, using: &random)
    var ids = (0..<count).map { _ in Int32.random(in: tokens, using: &random) }
    if Bool.random(using: &random) {
        ids[Int.random(in: 0..<count, using: &random)] = block.original(atPosition: position)
    }
    let deficits = [0] + (1..<max(1, count)).map { _ in Double.random(in: 0...35, using: &random) }.sorted()
    let races = shape.mayHaveTail ? Int.random(in: 0...shape.visitCount, using: &random) : 0
    let masses = (0..<(races > 0 ? shape.nodeCount : 0)).map { _ in Double.random(in: -150...25, using: &random) }
    block.appendMaskedPosition(
        position, headIDs: ids.span, deficits: deficits.span,
        originalDeficit: Double.random(in: 0...3000, using: &random), tailLogMasses: masses.span)
    for _ in 0..<races {
        let changes = (0..<Int.random(in: 0...3, using: &random))
            .map { _ in Double.random(in: 0...Double(shape.changeParts), using: &random) }.sorted()
        let leaders = (0...changes.count).map { _ in Int32.random(in: tokens, using: &random) }
        block.appendRace(leaders: leaders.span, changes: changes.span)
    }
}
