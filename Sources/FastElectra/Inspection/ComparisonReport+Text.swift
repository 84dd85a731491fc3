import Format
import Inspect
import Terminal

/// The comparison that people read.
extension ComparisonReport: CommandResult {
    var table: Table {
        var table = Table(header: ["", "A", "B"], alignments: [.left, .right, .right])
        func row(_ name: String, _ value: (DatasetReport) -> String) {
            table.append([name] + dataSets.map(value))
        }
        row("sequences") { Quantity.count($0.sequences) }
        row("passes") { Quantity.count($0.passes) }
        row("tokens") { Quantity.count($0.tokens) }
        row("masked positions") { Quantity.count($0.maskedPositions) }
        row("bytes") { Quantity.bytes($0.bytes) }
        row("bytes a masked position") { Quantity.fixed($0.bytesPerMaskedPosition, 1) }
        row("candidates at most") { Quantity.count($0.header.mostCandidates) }
        row("independent visits") { $0.header.visitCount > 0 ? Quantity.count($0.header.visitCount) : "all" }
        row("deviation at most") { Quantity.fixed($0.header.deviation, 4) }
        row("temperatures") { "\($0.header.temperatureRange.minimum) to \($0.header.temperatureRange.maximum)" }
        row("vocabulary, SHA-256") { "\($0.header.vocabularySHA256.prefix(12))…" }
        row("generator, SHA-256") { "\($0.header.generatorSHA256.prefix(12))…" }
        row("sampled positions") { Quantity.count($0.sample.maskedPositions) }
        row("original a candidate") { percent($0.sample.originalsInHead, of: $0.sample.maskedPositions) }
        row("first guess right") { percent($0.sample.originalsFirst, of: $0.sample.maskedPositions) }
        for (name, isHottest) in [("coldest", false), ("hottest", true)] {
            let point = { (report: DatasetReport) in
                isHottest ? report.sample.temperatures.last : report.sample.temperatures.first
            }
            row("\(name): T") { point($0).map { "\($0.temperature)" } ?? "-" }
            row("  entropy, nats") { fixed(point($0)?.entropy) }
            row("  tail's mass") { fixed(point($0)?.tailMass) }
            row("  replaced") { point($0).map { Quantity.fixed($0.replaceRate * 100, 1) + " %" } ?? "-" }
        }
        return table
    }

    func text(on canvas: Canvas) -> String {
        var text = "A  \(dataSets[0].path)\nB  \(dataSets[1].path)\n\n" + table.text(columns: canvas.columns) + "\n"
        for fault in dataSets.flatMap(\.sample.faults) + shared.faults { text += "not readable: \(fault)\n" }
        if dataSets[0].header.vocabularySHA256 != dataSets[1].header.vocabularySHA256 {
            return text + "Their vocabularies differ, so no position is shared.\n"
        }
        text +=
            "Of \(Quantity.count(shared.sequences)) sequences of A looked at, "
            + "\(Quantity.count(shared.sequencesWithEqualTokens)) are the same in B; of their masked positions, "
            + "\(Quantity.count(shared.maskedInBoth)) of A's \(Quantity.count(shared.maskedPositions)) are masked in B too.\n"
        guard shared.maskedInBoth > 0 else { return text }
        let both = Double(shared.headTokensInBoth) / Double(shared.maskedInBoth)
        text += "There, \(percent(shared.sameFirst, of: shared.maskedInBoth)) of the first guesses agree, and "
        text += "\(Quantity.fixed(both, 1)) tokens are in both heads.\n\n"
        var distances = Table(
            header: ["  T", "total variation, at least", "Jensen-Shannon in nats, at least"],
            alignments: [.right, .right, .right])
        for point in shared.temperatures {
            distances.append(Quantity.short(point.temperature), fixed(point.totalVariation), fixed(point.jensenShannon))
        }
        return text + distances.text(columns: canvas.columns)
    }

    private func fixed(_ value: Double?) -> String { value.map { Quantity.fixed($0, 4) } ?? "-" }

    private func percent(_ part: Int, of whole: Int) -> String {
        Quantity.fixed(Double(part) * 100 / Double(max(whole, 1)), 1) + " %"
    }
}
