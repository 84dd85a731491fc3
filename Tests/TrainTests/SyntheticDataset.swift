import CLibrary
import Fixtures
import Format
import Random
import Storage
import SystemPackage

/// A small data set that no generator made: random tokens, heads and races.
struct SyntheticDataset {
    let folder: FilePath
    static let vocabularySize = 40
    static let maximumLength = 12

    /// The predictions of an imaginary generator at a masked position.
    enum Generator {
        /// Anything, whatever the original is.
        case random
        /// The original about half of the time, else a token that text has or, as often, one that it never has: a model
        /// can learn to tell the latter.
        case fair
        /// The original, nearly always.
        case perfect
        /// Never the original.
        case hopeless
    }

    init(
        sequences: Int = 50, blockSize: Int = 8, seed: UInt64 = 3, endsPass: Bool = true,
        generator: Generator = .random,
        lengths: ClosedRange<Int> = 4...Self.maximumLength, sources: [String] = [""],
        source: (Int) -> Int = { _ in 0 }, vocabulary: String = "a"
    ) throws {
        folder = try temporaryFolder()
        let header = ShardHeader(
            vocabularySize: Self.vocabularySize, vocabularySHA256: String(repeating: vocabulary, count: 64),
            generatorSHA256: String(repeating: "b", count: 64),
            specialTokens: SpecialTokens(padding: 0, classification: 2, separator: 3, mask: 4),
            sources: sources, maximumLength: Self.maximumLength, maskProbability: 0.3, seed: seed, candidates: 3...3,
            visitCount: 2,
            temperatureRange: TemperatureRange(from: 1, to: 2), tailNodes: [1, 1.25, 1.5, 1.75, 2], changeParts: 2048,
            deviation: 0.002, blockSize: blockSize)
        var draws = RandomStream(seed: seed, purpose: .masking).draws(pass: 0, sequence: 0, position: 0)
        var writer = try ShardWriter(folder.appending(header.fileName), header: header)
        let encoder = BlockEncoder()
        for start in stride(from: 0, to: sequences, by: blockSize) {
            var block = SequenceBlock(shape: header.blockShape)
            for number in start..<min(start + blockSize, sequences) {
                Self.appendSequence(
                    to: &block, header: header, generator, lengths, source: source(number), using: &draws)
            }
            try writer.append(encoder.encode(block))
        }
        try writer.commit(endingPass: endsPass)
        try Manifest(scanning: folder).write(to: folder)
    }

    private static func appendSequence(
        to block: inout SequenceBlock, header: ShardHeader, _ generator: Generator, _ lengths: ClosedRange<Int>,
        source: Int, using draws: inout RandomStream.Draws
    ) {
        let count = Int.random(in: lengths, using: &draws)
        let words: Range<Int32> = generator == .fair ? 5..<30 : 5..<40
        let tokens = [2] + (2..<count).map { _ in Int32.random(in: words, using: &draws) } + [3]
        block.appendSequence(tokens.span, source: source)
        for position in [1, count - 2] where position == 1 || count > 4 {
            let original = tokens[Int(position)]
            var ids = Array((5..<40 as Range<Int32>).shuffled(using: &draws).prefix(3))
            var deficits = [0.0, 1, 2]
            // A tail of 30 tokens one below the head's last: log(30 e^(-3/T)).
            var masses = header.tailNodes.map { log(30.0) - 3 / $0 }
            switch generator {
            case .random: break
            case .fair:
                ids = [original, original == 5 ? 6 : original - 1, Int32.random(in: 30..<39, using: &draws)]
                deficits = [0, 0.7, 0.7]
            case .perfect:
                ids = [original] + [5, 6, 7].filter { $0 != original }.prefix(2)
                deficits = [0, 59, 60]
            case .hopeless: ids = Array((5..<40).filter { $0 != original }.shuffled(using: &draws).prefix(3))
            }
            if generator == .fair || generator == .perfect { masses = header.tailNodes.map { log(30.0) - 60 / $0 } }
            block.appendMaskedPosition(
                position, headIDs: ids.span, deficits: deficits.span, originalDeficit: 60, tailLogMasses: masses.span)
            for _ in 0..<header.visitCount {
                var leaders = [Int32.random(in: 5..<40, using: &draws), 39]
                if generator == .hopeless { leaders = [original == 39 ? 5 : 39, original == 38 ? 5 : 38] }
                let changes = [header.temperatureRange.part(of: 1.5, in: header.changeParts)]
                block.appendRace(leaders: leaders.span, changes: changes.span)
            }
        }
    }
}
