import Storage
import SystemPackage
import Terminal

/// `summary.md`: the result of a finished run for people, in its own folder.
public struct SummaryText: Sendable {
    static let fileName = "summary.md"

    /// The first line. A file of that name without it is somebody else's.
    private static let marker = "<!-- fast-electra wrote this and writes it anew when the run gets more steps -->"

    private let run: RunReport.Run
    private let figures: [RunFigure]
    private let wasExtended: Bool

    public init(_ run: RecordedRun) {
        let report = RunReport([run])
        self.run = report.runs[0]
        figures = report.lastFigures
        // Without the words that began it, the command has all steps that the run got.
        wasExtended = run.arguments != nil && run.outcome?.wasExtended ?? false
    }

    /// Writes it into the folder of a run, unless it is there already, or somebody else's file is. Text that people have
    /// added to it stays until the run gets more steps.
    public static func write(toRunIn folder: FilePath) throws {
        let path = folder.appending(fileName)
        let summary = SummaryText(try RecordedRun(folder))
        if Folder(folder).contains(fileName) {
            let before = String(decoding: try RandomAccessFile.contents(of: path), as: UTF8.self)
            guard before.hasPrefix(marker), !before.contains(summary.outline) else { return }
        }
        try DurableFile.write(summary.markdown, to: path)
    }

    public var markdown: String {
        [
            "\(Self.marker)\n# \(escaped(run.name))\n", "\(outline)\n", section("Data", rows(ofData: true)),
            section("Settings", rows(ofData: false)), section("The last line of metrics.jsonl", lastRows), heldOut,
            health, again,
        ].filter { !$0.isEmpty }.joined(separator: "\n")
    }

    private var outline: String {
        var parts = ["\(Quantity.count(run.steps)) steps"]
        if let tokens = run.tokens { parts.append("\(Quantity.count(tokens)) tokens") }
        if let seconds = run.seconds { parts.append(Quantity.time(seconds)) }
        if let rate = run.tokensPerSecond { parts.append("\(Quantity.short(rate)) tokens/s") }
        if let parameters = run.parameters { parts.append("\(Quantity.count(parameters)) parameters") }
        return "A run of `fast-electra \(run.command)`: \(parts.joined(separator: ", "))."
    }

    /// Data and models are known by their content, everything else is a setting.
    private func rows(ofData: Bool) -> [[String]] {
        run.settings.sorted { $0.key < $1.key }.compactMap { name, value in
            guard !value.isEmpty, RepeatedCommand.describesContent(name, value) == ofData else { return nil }
            return ["`\(escaped(name))`", escaped(value)]
        }
    }

    private var lastRows: [[String]] {
        figures.compactMap { figure in
            run.last[figure.name].map { [escaped(figure.title), figure.text($0)] }
        }
    }

    private var heldOut: String {
        guard !run.evaluations.isEmpty else { return "" }
        let columns = EvaluationColumn.allCases
        let rows = run.evaluations.map { evaluation in
            ["T = \(evaluation["temperature"].map(Quantity.short) ?? "?")"] + columns.map { $0.cell(evaluation) }
        }
        return section("Held-out sequences", rows, header: ["replayed at"] + columns.map(\.title))
    }

    private var health: String {
        let findings = run.health.map { "- step \(Quantity.count($0.step)): \(escaped($0.message))\n" }
        return "## Health\n\n" + (findings.isEmpty ? "No finding.\n" : findings.joined())
    }

    private var again: String {
        let content = run.again.content.map { "- \($0.name): \(escaped($0.content))\n" }
        let lines = run.again.lines(columns: 100).joined(separator: "\n        ")
        let extended = wasExtended ? "\nThis repeats the run as it began. It got more steps afterwards.\n" : ""
        return "## Once more\n\n    \(lines)\n" + (content.isEmpty ? "" : "\n" + content.joined()) + extended
    }

    private func section(_ title: String, _ rows: [[String]], header: [String] = ["", ""]) -> String {
        if rows.isEmpty { return "" }
        let line = { (cells: [String]) in "| \(cells.joined(separator: " | ")) |\n" }
        return "## \(title)\n\n" + line(header) + line(header.map { _ in "---" }) + rows.map(line).joined()
    }

    /// A text that neither Markdown nor a browser obeys.
    private func escaped(_ text: String) -> String {
        text.printable.reduce(into: "") { escaped, character in
            switch character {
            case "<": escaped += "&lt;"
            case "&": escaped += "&amp;"
            case "\\", "|", "`", "*", "[", "]", "#": escaped += "\\\(character)"
            default: escaped.append(character)
            }
        }
    }
}
