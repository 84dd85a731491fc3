import Format
import FoundationEssentials
import Random
import Storage

/// Sequences to be replayed by a reader in another language, with all that a replay needs: the columns of
/// `docs/format.md`, decoded.
public struct ReadingSample: Sendable, Encodable {
    public struct Sequence: Sendable, Encodable {
        public let entry: UInt64
        /// With `number`, the address of its draws.
        public let pass: Int
        public let number: UInt64
        public let tokens: [Int32]
        public let positions: [MaskedPosition]
    }

    public struct MaskedPosition: Sendable, Encodable {
        public let position: Int32
        public let head: [Int32]
        public let codes: [UInt16]
        /// The original's code, and its rank among the candidates; -1 where it is none of them.
        public let originalCode: UInt16
        public let originalRank: Int32
        public let tail: [Int32]
        /// [races][winners]
        public let leaders: [[Int32]]
        /// [races][winners - 1]
        public let changes: [[UInt16]]
    }

    /// By entry.
    public private(set) var sequences: [Sequence] = []
    /// Sequences that were left out for their size.
    public private(set) var omitted = 0

    /// Up to `limit` sequences, as many of each of the sample's blocks, drawn with its seed, as long as they fit.
    ///
    /// - Parameter byteLimit: For their JSON in all. Blocks that cannot be read are left out.
    public init(_ source: ShardSource, _ sample: BlockSample, limit: Int, byteLimit: Int) throws {
        guard !sample.blocks.isEmpty else { return }
        let random = RandomStream(seed: sample.seed, purpose: .inspection)
        let decoder = BlockDecoder()
        let encoder = JSONEncoder()
        var bytes = 0
        let perBlock = max(1, limit / sample.blocks.count)
        // A sample of very many blocks gives a sequence of every few.
        let stride = max(1, sample.blocks.count / limit)
        for (number, index) in sample.blocks.enumerated() where number.isMultiple(of: stride) && sequences.count < limit
        {
            guard let (block, firstEntry) = try? source.block(index, using: decoder) else { continue }
            var draws = random.draws(pass: 0, sequence: UInt64(1 + number), position: 0)
            let rows = draws.shuffled(0..<block.sequenceCount).prefix(perBlock).sorted()
            for row in rows where sequences.count < limit {
                // A sequence that is large as integers is larger as text, so the costly attempt is saved.
                let elements = block.maskedRange(ofSequence: row).reduce(0) {
                    $0 + block.candidateRange(ofMasked: $1).count
                }
                let sequence = elements > byteLimit ? nil : Sequence(block, row: row, entry: firstEntry + UInt64(row))
                guard let sequence, let size = try? encoder.encode(sequence).count, bytes + size <= byteLimit else {
                    omitted += 1
                    continue
                }
                bytes += size
                sequences.append(sequence)
            }
        }
    }

    /// All tokens that a reader can come upon.
    public var tokenIDs: Set<Int32> {
        sequences.reduce(into: []) { ids, sequence in
            ids.formUnion(sequence.tokens)
            for position in sequence.positions {
                ids.formUnion(position.head)
                ids.formUnion(position.leaders.joined())
            }
        }
    }
}

extension ReadingSample.Sequence {
    fileprivate init(_ block: SequenceBlock, row: Int, entry: UInt64) {
        self.entry = entry
        let place = block.place(ofSequence: row)
        (pass, number) = (place.pass, place.number)
        tokens = Array(block.tokens[block.tokenRange(ofSequence: row)])
        positions = block.maskedRange(ofSequence: row).map { masked in
            let candidates = block.candidateRange(ofMasked: masked)
            let races = block.raceRange(ofMasked: masked)
            return ReadingSample.MaskedPosition(
                position: block.maskedPositions[masked], head: Array(block.headIDs[candidates]),
                codes: Array(block.headCodes[candidates]), originalCode: block.originalCodes[masked],
                originalRank: block.originalRanks[masked],
                tail: Array(block.tailCodes[block.tailRange(ofMasked: masked)]),
                leaders: races.map { Array(block.winners[block.winnerRange(ofRace: $0)]) },
                changes: races.map { Array(block.changeCodes[block.changeRange(ofRace: $0)]) })
        }
    }
}
