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

    /// Names and what they stand for, a pair a line.
    package init(_ pairs: KeyValuePairs<String, String>) {
        header = nil
        alignments = [.left, .left]
        rows = pairs.map { [$0.key, $0.value] }
    }

    package mutating func append(_ row: [String]) {
        precondition(row.count == alignments.count)
        rows.append(row)
    }

    package mutating func append(_ row: String...) {
        append(row)
    }

    /// The lines, each ended by a newline.
    package var description: String {
        let lines = (header.map { [$0] } ?? []) + rows
        let widths = alignments.indices.map { column in lines.reduce(0) { max($0, $1[column].count) } }
        var text = ""
        for line in lines {
            var cells: [String] = []
            for (column, cell) in line.enumerated() {
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                let isLast = column == line.count - 1
                switch alignments[column] {
                case .left: cells.append(isLast ? cell : cell + padding)
                case .right: cells.append(padding + cell)
                }
            }
            text += cells.joined(separator: "  ") + "\n"
        }
        return text
    }
}
