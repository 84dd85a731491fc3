import Fixtures
import Format
import Random
import Storage
import SystemPackage

/// A small data set that no generator made: random tokens, heads and races. As in a real one, no token is in the head and
/// leads a race of the same position.
struct SmallShards {
    let folder: FilePath
    let header: ShardHeader
    let blocks: [SequenceBlock]

    static let vocabularySize = 40
    static let headTokens: Range<Int32> = 5..<20
    static let tailTokens: Range<Int32> = 20..<40

    /// - Parameters:
    ///   - contentSeed: Of tokens and of masks.
    ///   - generatorSeed: Of the predictions at masked positions.
    init(
        sequences: Int = 60, blockSize: Int = 8, candidates: Int = 3, contentSeed: UInt64 = 3,
        generatorSeed: UInt64 = 4, pass: Int = 0,
        vocabulary: Character = "a"
    ) throws {
        folder = try temporaryFolder()
        var header = ShardHeader(
            vocabularySize: Self.vocabularySize, vocabularySHA256: String(repeating: vocabulary, count: 64),
            generatorSHA256: String(repeating: "b", count: 64),
            specialTokens: SpecialTokens(padding: 0, classification: 2, separator: 3, mask: 4),
            maximumLength: 12, maskProbability: 0.3, seed: contentSeed, candidates: candidates...candidates,
            visitCount: 2, temperatureRange: TemperatureRange(from: 1, to: 2), tailNodes: [1, 1.25, 1.5, 1.75, 2],
            changeParts: 2048, deviation: 0.002, blockSize: blockSize)
        header.pass = pass
        self.header = header
        func draws(_ seed: UInt64) -> RandomStream.Draws {
            RandomStream(seed: seed, purpose: .masking).draws(pass: 0, sequence: 0, position: 0)
        }
        var (content, generator) = (draws(contentSeed), draws(generatorSeed))
        var blocks: [SequenceBlock] = []
        for start in stride(from: 0, to: sequences, by: blockSize) {
            var block = SequenceBlock(shape: header.blockShape)
            block.first.number = UInt64(start)
            for _ in start..<min(start + blockSize, sequences) {
                let length = Int.random(in: 4...header.maximumLength, using: &content)
                let tokens = [2] + (2..<length).map { _ in Int32.random(in: 5..<40, using: &content) } + [3]
                block.appendSequence(tokens.span)
                for position in 1..<(length - 1) where Int.random(in: 0..<3, using: &content) == 0 {
                    Self.append(position, original: tokens[position], to: &block, header, &generator)
                }
            }
            blocks.append(block)
        }
        var writer = try ShardWriter(folder.appending(header.fileName), header: header)
        let encoder = BlockEncoder()
        for block in blocks { try writer.append(encoder.encode(block)) }
        try writer.commit(endingPass: true)
        try Manifest(scanning: folder).write(to: folder)
        self.blocks = blocks
    }

    /// - Returns: a folder with the shards of both, which are passes of one text.
    func joined(with other: SmallShards) throws -> FilePath {
        let both = try temporaryFolder()
        for shards in [self, other] {
            try Folder(both).copy(shards.folder.appending(shards.header.fileName))
        }
        try Manifest(scanning: both).write(to: both)
        return both
    }

    /// One masked position at which the original is a candidate more often than by chance.
    private static func append(
        _ position: Int, original: Int32, to block: inout SequenceBlock, _ header: ShardHeader,
        _ draws: inout RandomStream.Draws
    ) {
        var ids = Array(headTokens.shuffled(using: &draws).prefix(header.mostCandidates))
        if headTokens.contains(original), !ids.contains(original), !ids.isEmpty, Bool.random(using: &draws) {
            ids[Int.random(in: ids.indices, using: &draws)] = original
        }
        let gap = Double.random(in: 0.5...3, using: &draws)
        let deficits = ids.indices.map { gap * Double($0) }
        let deficit = Double.random(in: 1...5, using: &draws)
        let masses = header.tailNodes.map { 3 - deficit / $0 }
        let lowest = gap * Double(ids.count - 1)
        block.appendMaskedPosition(
            position, headIDs: ids.span, deficits: deficits.span,
            originalDeficit: lowest + Double.random(in: 0...3, using: &draws), tailLogMasses: masses.span)
        for _ in 0..<Int.random(in: 1...header.visitCount, using: &draws) {
            let others = tailTokens.filter { $0 != original }
            let leaders = Array(others.shuffled(using: &draws).prefix(Int.random(in: 1...3, using: &draws)))
            let changes = (1..<max(1, leaders.count)).map { _ in Double.random(in: 100...1900, using: &draws) }.sorted()
            block.appendRace(leaders: leaders.span, changes: changes.span)
        }
    }

    var path: FilePath { folder.appending(header.fileName) }
}
