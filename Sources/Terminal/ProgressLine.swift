/// One line that says how far a step has come, fitted to a width.
package struct ProgressLine: Sendable {
    package var label: String
    /// The units that are counted, in the plural: `"steps"`, `"sequences"`; `"bytes"` are shown as MB.
    package var unit: String
    package var completed: Int
    package var total: Int?
    /// Units a second; nil until it is known.
    package var rate: Double?
    package var elapsedSeconds: Double
    /// Other values worth seeing, such as a loss; the most important one comes first.
    package var details: [String]

    package init(
        label: String, unit: String, completed: Int, total: Int?, rate: Double? = nil, elapsedSeconds: Double,
        details: [String] = []
    ) {
        self.label = label
        self.unit = unit
        self.completed = completed
        self.total = total
        self.rate = rate
        self.elapsedSeconds = elapsedSeconds
        self.details = details
    }

    package var secondsLeft: Double? {
        guard let total, let rate, rate > 0, total >= completed else { return nil }
        return Double(total - completed) / rate
    }

    /// The line in at most `columns` characters: the least important part is left out first, the bar takes the space
    /// that is left.
    package func text(columns: Int) -> String {
        var parts = ([share, count, rateText, timeLeft, elapsed] + details).filter { !$0.isEmpty }
        let minimalBar = total == nil ? 0 : 14
        while parts.count > 1, width(of: parts) + minimalBar > columns { parts.removeLast() }
        var line = label
        let space = min(columns - width(of: parts) - 4, 30)
        if let total, space >= 6 { line += "  " + bar(of: total, cells: space) }
        for part in parts { line += "  " + part }
        return String(line.prefix(max(columns, 0)))
    }

    /// The whole line for a log that has no width.
    package var plainText: String {
        plainText([share, count] + details + [rateText, elapsed, timeLeft])
    }

    /// The same of work that has ended.
    package var lastPlainText: String {
        plainText([share, count] + details + [rateText, Quantity.time(elapsedSeconds) + " in all"])
    }

    private func plainText(_ parts: [String]) -> String {
        label + ": " + parts.filter { !$0.isEmpty }.joined(separator: ", ")
    }

    private func width(of parts: [String]) -> Int {
        parts.reduce(label.count) { $0 + 2 + $1.count }
    }

    private var fraction: Double? {
        total.map { $0 > 0 ? min(max(Double(completed) / Double($0), 0), 1) : 1 }
    }

    private var share: String {
        fraction.map { "\(Int($0 * 100)) %" } ?? ""
    }

    private var count: String {
        if unit == "bytes" {
            return Quantity.bytes(completed) + (total.map { " of " + Quantity.bytes($0) } ?? "")
        }
        return Quantity.count(completed) + (total.map { " of " + Quantity.count($0) } ?? "") + " " + unit
    }

    private var rateText: String {
        guard let rate else { return "" }
        return unit == "bytes" ? Quantity.bytes(Int(rate)) + "/s" : Quantity.short(rate) + " " + unit + "/s"
    }

    private var timeLeft: String {
        secondsLeft.map { Quantity.time($0) + " left" } ?? ""
    }

    private var elapsed: String {
        Quantity.time(elapsedSeconds) + " so far"
    }

    private func bar(of total: Int, cells: Int) -> String {
        let full = Int((fraction ?? 0) * Double(cells))
        let head = full > 0 && full < cells ? 1 : 0
        return "[" + String(repeating: "=", count: full - head) + String(repeating: ">", count: head)
            + String(repeating: " ", count: cells - full) + "]"
    }
}
