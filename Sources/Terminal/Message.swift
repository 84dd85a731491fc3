import Storage

/// Sentences for a person, as on standard error: one or more lines.
///
/// On a terminal they are wrapped at words. Elsewhere each line stays whole, so that a log can be searched.
package struct Message: Sendable {
    /// Longer lines are hard to read, however wide the window is.
    private static let widest = 100

    private let lines: [String]

    /// Messages quote text of files, and nothing in it may reach a terminal as a command.
    package init(_ text: String) {
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { String($0).printable }
    }

    /// The lines, each ended by a newline.
    package func text(on canvas: Canvas) -> String {
        lines.map { line in
            // An indented line is laid out already, as the options in a usage.
            guard let columns = canvas.columns, !line.hasPrefix(" ") else { return line + "\n" }
            var words = StyledText()
            for word in line.split(separator: " ") { words.append(String(word)) }
            return words.text(on: Canvas(columns: min(columns, Self.widest), showsColor: false))
        }.joined()
    }
}

extension TerminalDevice {
    package func write(_ message: Message) {
        write(message.text(on: canvas))
    }
}
