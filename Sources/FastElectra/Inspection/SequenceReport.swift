import Format
import Inspect
import Replay
import Terminal

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
        let originalId: Int32
        let originalProbability: Double
        /// Most probable first, at most ``shownCount``.
        let candidates: [Candidate]
        let tailProbability: Double
        /// The token that this visit of a training run with this seed draws.
        let drawn: String
        let drawnId: Int32
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
        let originalCode: UInt16
        let tailCodes: [Int16]
        let races: [Race]

        init(_ block: SequenceBlock, masked: Int) {
            headTokens = Array(block.headIDs[block.candidateRange(ofMasked: masked)])
            headCodes = Array(block.headCodes[block.candidateRange(ofMasked: masked)])
            originalCode = block.originalCodes[masked]
            tailCodes = Array(block.tailCodes[block.tailRange(ofMasked: masked)])
            races = block.raceRange(ofMasked: masked).map { race in
                Race(
                    leaders: Array(block.winners[block.winnerRange(ofRace: race)]),
                    changeCodes: Array(block.changeCodes[block.changeRange(ofRace: race)]))
            }
        }
    }

    let sequence: UInt64
    let temperature: Double
    let seed: UInt64
    /// How often the run has been through the data set before.
    let visit: UInt16
    let tokens: [Int32]
    let replayedTokens: [Int32]
    let text: String
    let replayedText: String
    let maskedPositions: [MaskedPosition]

    private static let shownCount = 5

    /// The same two texts for people.
    private let styledText: StyledText
    private let styledReplay: StyledText

    init(
        _ block: SequenceBlock, row: Int, entry: UInt64, visit: UInt16, seed: UInt64, replay: TemperedReplay,
        vocabulary: TokenNames
    ) {
        sequence = entry
        temperature = replay.temperature
        self.visit = visit
        self.seed = seed
        let originals = Array(block.tokens[block.tokenRange(ofSequence: row)])
        var drawn = originals
        var labels = [UInt8](repeating: 0, count: originals.count)
        var drawnSpan = drawn.mutableSpan
        var labelSpan = labels.mutableSpan
        _ = replay.replay(block, row: row, visit: visit, tokens: &drawnSpan, labels: &labelSpan)
        maskedPositions = block.maskedRange(ofSequence: row).map { masked in
            let position = Int(block.maskedPositions[masked])
            let distribution = replay.distribution(of: block, masked: masked)
            return MaskedPosition(
                position: position, original: vocabulary.name(of: originals[position]),
                originalId: originals[position], originalProbability: distribution.originalProbability,
                candidates: zip(distribution.headIDs, distribution.headProbabilities).prefix(Self.shownCount).map {
                    Candidate(token: vocabulary.name(of: $0), id: $0, probability: $1)
                },
                tailProbability: distribution.tailProbability, drawn: vocabulary.name(of: drawn[position]),
                drawnId: drawn[position], isReplaced: labels[position] == 1,
                stored: StoredPosition(block, masked: masked))
        }
        tokens = originals
        replayedTokens = drawn
        let masked = Set(maskedPositions.map(\.position))
        text = vocabulary.text(of: originals) { masked.contains($0) ? "[\($1)]" : $1 }
        replayedText = vocabulary.text(of: drawn) { labels[$0] == 1 ? "<\($1)>" : $1 }
        styledText = vocabulary.styledText(of: originals) { masked.contains($0) ? .masked : .plain }
        styledReplay = vocabulary.styledText(of: drawn) {
            labels[$0] == 1 ? .replaced : masked.contains($0) ? .kept : .plain
        }
    }

    private enum CodingKeys: String, CodingKey {
        case sequence, temperature, seed, visit, tokens, replayedTokens, text, replayedText, maskedPositions
    }

    var table: Table { table(candidates: Self.shownCount) }

    private func table(candidates: Int) -> Table {
        var table = Table(
            header: ["position", "original", "its share", "drawn", "tail", "candidates"],
            alignments: [.right, .left, .right, .left, .right, .left])
        for masked in maskedPositions {
            table.append(
                "\(masked.position)", masked.original,
                Quantity.fixed(masked.originalProbability, 3),
                masked.drawn + (masked.isReplaced ? "" : " (original)"),
                Quantity.fixed(masked.tailProbability, 3),
                masked.candidates.prefix(candidates).map { "\($0.token) \(Quantity.fixed($0.probability, 3))" }.joined(
                    separator: ", "))
        }
        return table
    }

    func text(on canvas: Canvas) -> String {
        // On a narrow terminal fewer of them, rather than lines that wrap.
        let candidates = canvas.columns.map { max(1, min(Self.shownCount, ($0 - 60) / 15)) } ?? Self.shownCount
        let (masked, replaced) = canvas.showsColor ? ("", "") : (" in [ ]", " in < >")
        return "sequence \(sequence), masked positions\(masked):\n" + styledText.text(on: canvas)
            + "\nas a replay at T = \(Quantity.short(temperature)) draws it (seed \(seed), visit \(visit)), "
            + "replacements\(replaced):\n" + styledReplay.text(on: canvas) + "\n"
            + table(candidates: candidates).text(columns: canvas.columns)
    }
}
