import Inspect
import Terminal

/// The sequence that people read.
extension SequenceReport: CommandResult {
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
    private var styledText: StyledText {
        let masked = Set(maskedPositions.map(\.position))
        return names.styledText(of: tokens) { masked.contains($0) ? .masked : .plain }
    }

    private var styledReplay: StyledText {
        let replaced = Dictionary(uniqueKeysWithValues: maskedPositions.map { ($0.position, $0.isReplaced) })
        return names.styledText(of: replayedTokens) { replaced[$0].map { $0 ? .replaced : .kept } ?? .plain }
    }
}

extension TokenNames {
    /// Tokens as running text: a space before each that starts a word.
    fileprivate func styledText(of ids: some Sequence<Int32>, style: (Int) -> StyledText.Style) -> StyledText {
        var text = StyledText()
        for (index, id) in ids.enumerated() {
            let piece = piece(id, isFirst: index == 0)
            text.append(piece.text, style(index), startsWord: piece.startsWord)
        }
        return text
    }
}
