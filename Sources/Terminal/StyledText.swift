import Storage

/// Running text, some of it marked: in color where there is color, else by signs around it.
package struct StyledText: Sendable {
    package enum Style: Sendable, Hashable {
        case plain
        /// A token of the text that a model was to guess.
        case masked
        /// The token that has been put in its place.
        case replaced
        /// A token that was drawn anew and came out the same.
        case kept
        case faint
        case strong

        /// SGR parameters (ECMA-48).
        fileprivate var color: String? {
            switch self {
            case .plain: nil
            case .masked: "4;36"
            case .replaced: "1;31"
            case .kept: "32"
            case .faint: "2"
            case .strong: "1"
            }
        }

        fileprivate var signs: (String, String) {
            switch self {
            case .masked: ("[", "]")
            case .replaced: ("<", ">")
            case .plain, .kept, .faint, .strong: ("", "")
            }
        }
    }

    private struct Run {
        let text: String
        let style: Style
        /// Whether a space comes before it, at which the line may end.
        let startsWord: Bool
    }

    private var runs: [Run] = []

    package init() {}

    package init(_ text: String, _ style: Style = .plain) {
        append(text, style)
    }

    /// - Parameter startsWord: Whether a space is to come before it.
    package mutating func append(_ text: String, _ style: Style = .plain, startsWord: Bool = true) {
        runs.append(Run(text: text.printable, style: style, startsWord: startsWord && !runs.isEmpty))
    }

    /// The lines, each ended by a newline.
    package func text(on canvas: Canvas) -> String {
        var (text, cells) = ("", 0)
        for word in words {
            let rendered = word.map { render($0, on: canvas) }
            let width = rendered.reduce(0) { $0 + $1.width }
            if cells > 0 {
                let fits = canvas.columns.map { cells + 1 + width <= $0 } ?? true
                text += fits ? " " : "\n"
                cells = fits ? cells + 1 : 0
            }
            text += rendered.map(\.text).joined()
            cells += width
        }
        return text + "\n"
    }

    /// Runs that no space parts.
    private var words: [[Run]] {
        runs.reduce(into: []) { words, run in
            if run.startsWord || words.isEmpty { words.append([]) }
            words[words.count - 1].append(run)
        }
    }

    private func render(_ run: Run, on canvas: Canvas) -> (text: String, width: Int) {
        if canvas.showsColor {
            let text = run.style.color.map { "\u{1B}[\($0)m\(run.text)\u{1B}[0m" } ?? run.text
            return (text, run.text.displayWidth)
        }
        let (open, close) = run.style.signs
        return (open + run.text + close, run.text.displayWidth + open.count + close.count)
    }
}
