import Report
import Terminal

/// The tables that people read.
extension RunReport: CommandResult {
    /// The runs and their results.
    var table: Table { overview(of: runs) }

    func text(on canvas: Canvas) -> String {
        var parts = [overviews(on: canvas)]
        if runs.contains(where: { !$0.evaluations.isEmpty || !$0.lastEvaluation.isEmpty }) {
            parts.append(heldOut.text(columns: canvas.columns))
        }
        let health = runs.flatMap { run in run.health.map { (run, $0) } }
        if !health.isEmpty {
            var table = Table(header: ["health", "step", "finding"], alignments: [.left, .right, .left])
            for (run, finding) in health { table.append(run.name, Quantity.count(finding.step), finding.message) }
            parts.append(table.text(columns: canvas.columns))
        }
        let settings = runs.count == 1 ? settingNames : differing
        if !settings.isEmpty { parts.append(self.settings(settings).text(columns: canvas.columns)) }
        return parts.joined(separator: "\n")
    }

    /// A column a run; where the lines would be too long for the terminal, a table a run.
    private func overviews(on canvas: Canvas) -> String {
        let sideBySide = table.text(columns: nil)
        let width = sideBySide.split(separator: "\n").map { String($0).displayWidth }.max() ?? 0
        if let columns = canvas.columns, width > columns {
            return runs.map { overview(of: [$0]).text(columns: columns) }.joined(separator: "\n")
        }
        return sideBySide
    }

    private func overview(of runs: [Run]) -> Table {
        var table = Table(
            header: ["run"] + runs.map(\.name), alignments: [.left] + runs.map { _ in runs.count == 1 ? .left : .right }
        )
        func append(_ name: String, _ cell: (Run) -> String?) {
            let cells = runs.map(cell)
            if cells.contains(where: { $0 != nil }) { table.append([name] + cells.map { $0 ?? "-" }) }
        }
        append("command") { $0.command }
        append("state") { $0.isFinished ? "finished" : "not finished" }
        append("steps") { Quantity.count($0.steps) }
        append("tokens") { $0.tokens.map(Quantity.count) }
        append("time") { $0.seconds.map(Quantity.time) }
        append("tokens/s") { $0.tokensPerSecond.map(Quantity.short) }
        append("parameters") { $0.parameters.map(Quantity.count) }
        for figure in lastFigures where figure.group != .steps {
            append("last \(figure.title)") { run in run.last[figure.name].map(figure.text) }
        }
        append("best held-out loss") { run in
            run.best.map { "\(Quantity.fixed($0.loss, 4)) at step \(Quantity.count($0.step))" }
        }
        append("health") { $0.health.isEmpty ? "no finding" : "findings: \($0.health.count)" }
        append("unreadable lines") { run in
            run.unreadableLines.isEmpty ? nil : "\(run.unreadableLines.count) of metrics.jsonl"
        }
        return table
    }

    private var heldOut: Table {
        let columns = EvaluationColumn.allCases
        var table = Table(
            header: ["held out"] + columns.map(\.title), alignments: [.left] + columns.map { _ in .right })
        for run in runs {
            // Of a run that is not finished, the last evaluation of those that it makes on its way.
            let evaluations =
                run.evaluations.isEmpty ? [run.lastEvaluation].filter { !$0.isEmpty } : run.evaluations
            for evaluation in evaluations {
                let place =
                    evaluation["temperature"].map { "T = \(Quantity.short($0))" }
                    ?? evaluation["step"].flatMap { Int(exactly: $0) }.map { "step \(Quantity.count($0))" } ?? "-"
                table.append(["\(run.name), \(place)"] + columns.map { $0.cell(evaluation) })
            }
        }
        return table
    }

    private func settings(_ names: [String]) -> Table {
        if runs.count == 1 {
            var table = Table(header: ["setting", "value"], alignments: [.left, .left])
            for name in names { table.append(name, runs[0].setting(name) ?? "-") }
            return table
        }
        var table = Table(header: ["setting that differs", "run", "value"], alignments: [.left, .left, .left])
        for name in names {
            for (index, run) in runs(thatHave: name).enumerated() {
                table.append(index == 0 ? name : "", run.name, run.setting(name) ?? "-")
            }
        }
        return table
    }
}
