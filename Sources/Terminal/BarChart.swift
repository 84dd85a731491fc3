import Storage

/// Numbers as bars, a line each: label, bar, value.
package struct BarChart: Sendable {
    private struct Bar {
        let label: String
        let value: Double
        let text: String
    }

    private let maximum: Double?
    private var bars: [Bar] = []

    /// - Parameter maximum: The value that the longest possible bar stands for; nil for the largest value.
    package init(maximum: Double? = nil) {
        self.maximum = maximum
    }

    /// - Parameters:
    ///   - value: The value that the bar's length shows; not below 0.
    ///   - text: The text behind the bar.
    package mutating func append(_ label: String, _ value: Double, _ text: String) {
        bars.append(Bar(label: label.printable, value: value, text: text.printable))
    }

    /// The lines, each ended by a newline, and indented by two.
    package func text(on canvas: Canvas) -> String {
        let labelWidth = bars.reduce(0) { max($0, $1.label.displayWidth) }
        let textWidth = bars.reduce(0) { max($0, $1.text.displayWidth) }
        let cells = min(40, canvas.width - labelWidth - textWidth - 6)
        let most = maximum ?? bars.reduce(0) { max($0, $1.value) }
        return bars.reduce(into: "") { lines, bar in
            let gap = String(repeating: " ", count: labelWidth - bar.label.displayWidth)
            var line = "  " + gap + bar.label + "  "
            if cells >= 4 {
                let drawn = Self.bar(most > 0 ? bar.value / most : 0, cells: cells)
                line += drawn + String(repeating: " ", count: cells - drawn.count) + "  "
            }
            lines += line + String(repeating: " ", count: textWidth - bar.text.displayWidth) + bar.text + "\n"
        }
    }

    /// `share` of `cells` in blocks, to an eighth; something for all that is not nothing.
    private static func bar(_ share: Double, cells: Int) -> String {
        guard share > 0, share.isFinite else { return "" }
        let eighths = max(1, Int((min(share, 1) * Double(8 * cells)).rounded()))
        let rest = eighths % 8
        let parts = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
        return String(repeating: "█", count: eighths / 8) + parts[rest]
    }
}
