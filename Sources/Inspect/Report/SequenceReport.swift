import Format
import Replay

/// One sequence: its text with the masked positions marked, and at each the generator's probabilities and the draw of a replay.
package struct SequenceReport: Encodable {
    package struct Candidate: Encodable {
        package let token: String
        package let id: Int32
        package let probability: Double
    }

    package struct MaskedPosition: Encodable {
        package let position: Int
        package let original: String
        package let originalId: Int32
        package let originalProbability: Double
        /// Most probable first, at most ``shownCount``.
        package let candidates: [Candidate]
        package let tailProbability: Double
        /// The token that this visit of a training run with this seed draws.
        package let drawn: String
        package let drawnId: Int32
        package let isReplaced: Bool
        package let stored: StoredPosition
    }

    /// The values that the shard has for a masked position, as in `docs/format.md`.
    package struct StoredPosition: Encodable {
        package struct Race: Encodable {
            package let leaders: [Int32]
            package let changeCodes: [UInt16]
        }

        package let headTokens: [Int32]
        package let headCodes: [UInt16]
        package let originalCode: UInt16
        package let tailCodes: [Int32]
        package let races: [Race]

        package init(_ block: SequenceBlock, masked: Int) {
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

    package let sequence: UInt64
    package let temperature: Double
    package let seed: UInt64
    /// How often the run has been through the data set before.
    package let visit: UInt16
    package let tokens: [Int32]
    package let replayedTokens: [Int32]
    package let text: String
    package let replayedText: String
    package let maskedPositions: [MaskedPosition]

    package static let shownCount = 5

    /// The names of tokens.
    package let names: TokenNames

    package init(
        _ block: SequenceBlock, row: Int, entry: UInt64, visit: UInt16, seed: UInt64, replay: TemperedReplay,
        names: TokenNames
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
                position: position, original: names.name(of: originals[position]),
                originalId: originals[position], originalProbability: distribution.originalProbability,
                candidates: zip(distribution.headIDs, distribution.headProbabilities).prefix(Self.shownCount).map {
                    Candidate(token: names.name(of: $0), id: $0, probability: $1)
                },
                tailProbability: distribution.tailProbability, drawn: names.name(of: drawn[position]),
                drawnId: drawn[position], isReplaced: labels[position] == 1,
                stored: StoredPosition(block, masked: masked))
        }
        tokens = originals
        replayedTokens = drawn
        let masked = Set(maskedPositions.map(\.position))
        text = names.text(of: originals) { masked.contains($0) ? "[\($1)]" : $1 }
        replayedText = names.text(of: drawn) { labels[$0] == 1 ? "<\($1)>" : $1 }
        self.names = names
    }

    private enum CodingKeys: String, CodingKey {
        case sequence, temperature, seed, visit, tokens, replayedTokens, text, replayedText, maskedPositions
    }
}
