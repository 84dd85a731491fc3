import Finetuning
import Foundation
import SystemPackage

/// The study's tables as Markdown, made from the results file alone.
public struct StudyReport {
    public let table: StudyTable

    public init(_ table: StudyTable) { self.table = table }

    public var markdown: String {
        var parts = [
            "Mean over seeds and half of its 95 % interval:\n\n" + values(table.columns),
            Self.pairedDifferences + differences(table.columns),
        ]
        if !table.detectionColumns.isEmpty {
            parts.append(
                "Areas under the ROC curve of detection on held-out sequences, replayed from the whole law:\n\n"
                    + values(table.detectionColumns) + "\n" + differences(table.detectionColumns))
        }
        return (parts + [costs]).joined(separator: "\n")
    }

    private static let pairedDifferences =
        "Paired differences over seeds, with their 95 % interval and the probability of the paired t-test. Bold: the\n"
        + "interval does not contain 0. By chance alone, one interval in twenty does not.\n\n"

    /// The page with the tables made anew between the marks that name the results file.
    ///
    /// - Returns: `nil` if the page has no such marks.
    public func page(_ text: String) -> String? {
        let name = table.results.path.lastComponent?.string ?? ""
        let (begin, end) = ("<!-- \(name): begin -->\n", "<!-- \(name): end -->")
        guard let start = text.range(of: begin), let stop = text.range(of: end), start.upperBound <= stop.lowerBound
        else { return nil }
        return text[..<start.upperBound] + "\n" + markdown + "\n" + text[stop.lowerBound...]
    }

    private func header(_ first: String, _ others: [String]) -> String {
        "| " + ([first] + others).joined(separator: " | ") + " |\n|"
            + String(repeating: "---|", count: others.count + 1) + "\n"
    }

    private static let titles = [
        "sst2": "SST-2", "trec": "TREC", "trec-all": "TREC, all labels", "cola": "CoLA (Matthews)", "rte": "RTE",
        "subjectivity": "subjectivity",
        "blimp": "BLiMP", "auc-1": "T = 1", "auc-2": "T = 2",
    ]

    private func titles(_ columns: [String]) -> [String] { columns.map { Self.titles[$0] ?? $0 } }

    private func values(_ columns: [String]) -> String {
        var text = header("arm", titles(columns))
        for row in table.rows {
            let cells = columns.map { column in table.interval(row.name, column).map(Self.cell) ?? "" }
            if cells.contains(where: { !$0.isEmpty }) {
                text += "| " + ([row.title] + cells).joined(separator: " | ") + " |\n"
            }
        }
        return text
    }

    private func differences(_ columns: [String]) -> String {
        var text = header("difference", titles(columns))
        let arms = table.size.arms
        var pairs = [(StudyTable.generator, StudyTable.none)]
        pairs += arms.flatMap { [($0, StudyTable.none), ($0, StudyTable.generator)] }
        pairs += arms.compactMap(Arm.named).filter { arms.contains($0.reference) && $0.letter != $0.reference }
            .map { ($0.reference, $0.letter) }
        for (first, second) in pairs {
            let cells = columns.map { column in table.test(first, second, column).map(Self.cell) ?? "" }
            if cells.contains(where: { !$0.isEmpty }) {
                text += "| " + (["\(first) - \(second)"] + cells).joined(separator: " | ") + " |\n"
            }
        }
        return text
    }

    private var costs: String {
        var text =
            "Processor seconds, seed by seed. Of a step that was interrupted, only its last part was measured.\n\n"
            + header("step", ["seconds"])
        var groups: [(String, [Double])] = []
        for name in [
            "generator", "shards", "shards-heldout", "shards-64", "shards-top16", "shards-top64", "shards-unigram",
        ] + SmallShards.all.map(\.name) {
            if let line = table.results[name] { groups.append((name, [line.processorSeconds])) }
        }
        for arm in table.size.arms {
            let seconds = (1...table.size.seeds).compactMap { table.results["\(arm)/\($0)"]?.processorSeconds }
            if !seconds.isEmpty { groups.append(("(\(arm)), training", seconds)) }
        }
        for (name, seconds) in groups {
            text += "| \(name) | \(seconds.map { "\(Int($0.rounded()))" }.joined(separator: ", ")) |\n"
        }
        return text
    }

    static func cell(_ interval: MeanInterval) -> String {
        fixed(interval.mean) + (interval.halfWidth.map { " ± " + fixed($0) } ?? "")
    }

    static func cell(_ test: PairedTest) -> String {
        let number = (test.difference.mean < 0 ? "" : "+") + cell(test.difference)
        let shown = test.difference.excludesZero ? "**\(number)**" : number
        return shown + (test.probability.map { " (\(String(format: "%.1g", $0)))" } ?? "")
    }

    private static func fixed(_ value: Double) -> String {
        String(format: "%.3f", value)
    }
}
