import Storage

/// Rows of text in aligned columns.
package struct Table: Sendable, CustomStringConvertible {
    package enum Alignment: Sendable { case left, right }

    package let header: [String]?
    private let alignments: [Alignment]
    private var rows: [[String]] = []

    /// A table with a heading over each column.
    package init(header: [String], alignments: [Alignment]) {
        precondition(header.count == alignments.count)
        self.header = header
        self.alignments = alignments
    }

    /// Names and their values, a pair a line.
    package init(_ pairs: KeyValuePairs<String, String>) {
        header = nil
        alignments = [.left, .left]
        rows = pairs.map { [$0.key, $0.value.printable] }
    }

    /// Cells are shown as one line each (``Swift/String/printable``): nothing in them reaches a terminal as a command.
    package mutating func append(_ row: [String]) {
        precondition(row.count == alignments.count)
        rows.append(row.map(\.printable))
    }

    package mutating func append(_ row: String...) {
        append(row)
    }

    /// The lines, each ended by a newline.
    package var description: String { text(columns: nil) }

    /// The lines, each ended by a newline. Where a last cell would make its line longer than `columns`, it goes on below.
    package func text(columns: Int?) -> String {
        let lines = (header.map { [$0] } ?? []) + rows
        let widths = alignments.indices.map { column in lines.reduce(0) { max($0, $1[column].displayWidth) } }
        let indentation = widths.dropLast().reduce(0) { $0 + $1 + 2 }
        var text = ""
        for line in lines {
            var cells: [String] = []
            for (column, cell) in line.enumerated() {
                let padding = String(repeating: " ", count: widths[column] - cell.displayWidth)
                let isLast = column == line.count - 1
                switch alignments[column] {
                case .left:
                    cells.append(isLast ? Self.wrap(cell, indentation: indentation, columns: columns) : cell + padding)
                case .right: cells.append(padding + cell)
                }
            }
            text += cells.joined(separator: "  ") + "\n"
        }
        return text
    }

    /// `cell` over as many lines as it needs beside the text before it, broken at spaces.
    private static func wrap(_ cell: String, indentation: Int, columns: Int?) -> String {
        guard let columns, columns - indentation >= 20 else { return cell }
        var text = StyledText()
        for word in cell.split(separator: " ") { text.append(String(word)) }
        return text.text(on: Canvas(columns: columns - indentation, showsColor: false))
            .split(separator: "\n").joined(separator: "\n" + String(repeating: " ", count: indentation))
    }
}
