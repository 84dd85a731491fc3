import Format
import Terminal
import Train

/// One sequence: its text with the masked positions marked, and at each what the generator thinks and what a replay draws.
struct SequenceReport: CommandResult {
    struct Candidate: Encodable {
        let token: String
        let id: Int32
        let probability: Double
    }

    struct MaskedPosition: Encodable {
        let position: Int
        let original: String
        /// Most probable first, at most ``shownCount``.
        let candidates: [Candidate]
        let tailProbability: Double
        /// The token that this visit of a training run with this seed draws.
        let drawn: String
        let isReplaced: Bool
        let stored: StoredPosition
    }

    /// What the shard holds of a masked position, as it is written in `docs/format.md`.
    struct StoredPosition: Encodable {
        struct Race: Encodable {
            let leaders: [Int32]
            let changeCodes: [UInt16]
        }

        let headTokens: [Int32]
        let headCodes: [UInt16]
        let tailCodes: [Int16]
        let races: [Race]

        init(_ block: SequenceBlock, masked: Int) {
            let (headSize, nodes) = (block.shape.headSize, block.shape.tailNodeCount)
            headTokens = Array(block.headIDs[masked * headSize..<(masked + 1) * headSize])
            headCodes = Array(block.headCodes[masked * headSize..<(masked + 1) * headSize])
            tailCodes = Array(block.tailCodes[masked * nodes..<(masked + 1) * nodes])
            races = (0..<block.shape.raceCount).map { race in
                Race(
                    leaders: Array(block.winners[block.winnerRange(ofMasked: masked, race: race)]),
                    changeCodes: Array(block.changeCodes[block.changeRange(ofMasked: masked, race: race)]))
            }
        }
    }

    let sequence: UInt64
    let temperature: Double
    /// How often the run has been through the data set before.
    let visit: UInt16
    let tokens: [Int32]
    let replayedTokens: [Int32]
    let text: String
    let replayedText: String
    let maskedPositions: [MaskedPosition]

    private static let shownCount = 5

    init(_ block: SequenceBlock, row: Int, entry: UInt64, visit: UInt16, replay: TemperedReplay, vocabulary: TokenNames)
    {
        sequence = entry
        temperature = replay.temperature
        self.visit = visit
        let originals = Array(block.tokens[block.tokenRange(ofSequence: row)])
        var drawn = originals
        var labels = [UInt8](repeating: 0, count: originals.count)
        var drawnSpan = drawn.mutableSpan
        var labelSpan = labels.mutableSpan
        _ = replay.replay(block, row: row, entry: entry, visit: visit, tokens: &drawnSpan, labels: &labelSpan)
        maskedPositions = block.maskedRange(ofSequence: row).map { masked in
            let position = Int(block.maskedPositions[masked])
            let distribution = replay.distribution(of: block, masked: masked)
            return MaskedPosition(
                position: position, original: vocabulary.name(of: originals[position]),
                candidates: zip(distribution.headIDs, distribution.headProbabilities).prefix(Self.shownCount).map {
                    Candidate(token: vocabulary.name(of: $0), id: $0, probability: $1)
                },
                tailProbability: distribution.tailProbability, drawn: vocabulary.name(of: drawn[position]),
                isReplaced: labels[position] == 1,
                stored: StoredPosition(block, masked: masked))
        }
        tokens = originals
        replayedTokens = drawn
        let masked = Set(maskedPositions.map(\.position))
        text = vocabulary.text(of: originals) { masked.contains($0) ? "[\($1)]" : $1 }
        replayedText = vocabulary.text(of: drawn) { labels[$0] == 1 ? "<\($1)>" : $1 }
    }

    var table: Table {
        var table = Table(
            header: ["position", "original", "drawn", "tail", "candidates"],
            alignments: [.right, .left, .left, .right, .left])
        for masked in maskedPositions {
            table.append(
                "\(masked.position)", masked.original, masked.drawn + (masked.isReplaced ? "" : " (original)"),
                Quantity.fixed(masked.tailProbability, 3),
                masked.candidates.map { "\($0.token) \(Quantity.fixed($0.probability, 3))" }.joined(separator: ", "))
        }
        return table
    }

    var heading: String {
        """
        sequence \(sequence), masked positions in [ ]:
        \(text)

        as a replay at T = \(Quantity.short(temperature)) draws it, replacements in < >:
        \(replayedText)


        """
    }
}
