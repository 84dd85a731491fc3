import Corpus
import SystemPackage
import Terminal
import Training

/// Warnings about a text that can be read, but may have faults that the person does not expect.
struct TextWarnings {
    let counts: TextCounts
    let files: [FilePath]

    /// Lines that were left out, and halves of surrogate pairs that were replaced.
    func showReplacements() {
        if counts.skippedLines.count > 0 {
            Warning.show(
                "\(number(counts.skippedLines, "line", "lines")) could not be read and \(isOrAre(counts.skippedLines)) "
                    + "left out, the first is \(place(counts.skippedLines))")
        }
        if counts.loneSurrogates.count > 0 {
            Warning.show(
                "\(number(counts.loneSurrogates, "half", "halves")) of surrogate pairs \(counts.loneSurrogates.count == 1 ? "stands" : "stand")"
                    + " alone in JSON strings, the first in \(place(counts.loneSurrogates)). U+FFFD takes their place")
        }
    }

    /// Bytes of another encoding.
    func showInvalidText() {
        if counts.invalidLines.count == 0 { return }
        Warning.show(
            "\(number(counts.invalidLines, "line", "lines")) \(isOrAre(counts.invalidLines)) not UTF-8 (\(share(counts.invalidShare))"
                + " of the bytes), the first is \(place(counts.invalidLines)). Such bytes read as U+FFFD. If the text is in"
                + " another encoding, convert it with iconv")
    }

    /// Tokens that stand for text that the vocabulary cannot spell, where they are many.
    ///
    /// - Parameter part: the part of the text that was looked at, for people: `the first 1,024 sequences`.
    func showUnknownTokens(of part: String) { Self.showUnknownTokens(share: counts.unknownShare, of: part) }

    /// The same of examples that are tokenized already.
    static func showUnknownTokens(
        in examples: some Sequence<[Int32]>, _ special: SpecialTokenIDs, of part: String
    ) {
        var (tokens, unknown) = (0, 0)
        for id in examples.joined() {
            if id == special.unknown { unknown += 1 }
            if id == special.unknown || !special.contains(id) { tokens += 1 }
        }
        showUnknownTokens(share: Double(unknown) / Double(max(tokens, 1)), of: part)
    }

    private static func showUnknownTokens(share: Double, of part: String) {
        guard share > DataHealth.unknownLimit else { return }
        Warning.show(
            "\(Quantity.percent(share)) of the tokens of \(part) are unknown ones: the vocabulary cannot spell parts of the"
                + " text. Check the text's encoding and language, and that the vocabulary belongs to them")
    }

    private func share(_ share: Double) -> String { Quantity.percent(share) }

    private func number(_ finding: TextCounts.Finding, _ one: String, _ many: String) -> String {
        "\(Quantity.count(finding.count)) \(finding.count == 1 ? one : many)"
    }

    private func isOrAre(_ finding: TextCounts.Finding) -> String { finding.count == 1 ? "is" : "are" }

    private func place(_ finding: TextCounts.Finding) -> String {
        finding.first.map { "\(files[$0.file]), line \($0.line)" } ?? ""
    }
}

extension TextCounts {
    /// Rows of a result's table: the share of unknown tokens, and faults of the text.
    var rows: [[String]] {
        var rows = [["unknown tokens", Quantity.percent(unknownShare)]]
        if invalidLines.count > 0 {
            rows.append([
                "encoding",
                "\(Quantity.count(invalidLines.count)) \(invalidLines.count == 1 ? "line is" : "lines are") not UTF-8:"
                    + " is the text in another encoding?",
            ])
        }
        if skippedLines.count > 0 { rows.append(["lines left out", Quantity.count(skippedLines.count)]) }
        return rows
    }
}

extension Quantity {
    /// A share from 0 to 1 as a percentage.
    static func percent(_ share: Double) -> String {
        share > 0 && share < 0.0001 ? "less than 0.01 %" : "\(fixed(100 * share, 2)) %"
    }
}
