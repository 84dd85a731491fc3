/// The surface to draw on: its width, and whether it has color.
package struct Canvas: Sendable {
    /// Cells in a line; nil where lines may be of any length, as in a file.
    package var columns: Int?
    package var showsColor: Bool

    package init(columns: Int?, showsColor: Bool) {
        self.columns = columns
        self.showsColor = showsColor
    }

    /// The cells that a bar or a paragraph may fill.
    package var width: Int { columns ?? 80 }
}

extension TerminalDevice {
    /// A terminal as it is now. Another file has no limit and no color.
    package var canvas: Canvas {
        Canvas(columns: isTerminal ? columns : nil, showsColor: showsColor)
    }
}
