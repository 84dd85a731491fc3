import Terminal
import Testing

@Suite("Styled text")
struct StyledTextTests {
    private var sample: StyledText {
        var text = StyledText("the", .plain)
        text.append("qu", .masked)
        text.append("ick", .replaced, startsWord: false)
        text.append("fox", .kept)
        return text
    }

    @Test func withoutColorMarksAreSigns() {
        #expect(sample.text(on: Canvas(columns: nil, showsColor: false)) == "the [qu]<ick> fox\n")
    }

    @Test func colorsEndWhereTheyBegan() {
        #expect(
            sample.text(on: Canvas(columns: nil, showsColor: true))
                == "the \u{1B}[4;36mqu\u{1B}[0m\u{1B}[1;31mick\u{1B}[0m \u{1B}[32mfox\u{1B}[0m\n")
    }

    /// Signs count, colors do not, and a word is not cut between its pieces.
    @Test func linesEndAtSpaces() {
        #expect(sample.text(on: Canvas(columns: 13, showsColor: false)) == "the [qu]<ick>\nfox\n")
        #expect(sample.text(on: Canvas(columns: 12, showsColor: false)) == "the\n[qu]<ick>\nfox\n")
        let lines = sample.text(on: Canvas(columns: 9, showsColor: true)).split(separator: "\n")
        #expect(lines.count == 2 && lines[1] == "\u{1B}[32mfox\u{1B}[0m")
    }

    /// Text from a corpus is never a command to the terminal, in any style.
    @Test func escapesInTextAreSpelledOut() {
        for hostile in ["\u{1B}[2J", "\u{9B}31m", "\u{7}", "a\r\nb", "\u{202E}abc", "\u{2066}", "\u{200B}", "\u{2028}"]
        {
            var text = StyledText(hostile, .masked)
            text.append(hostile, .replaced)
            let plain = text.text(on: Canvas(columns: 20, showsColor: false))
            #expect(plain.contains("\\u{"))
            for scalar in plain.unicodeScalars where scalar != "\n" {
                #expect(![.control, .format, .lineSeparator].contains(scalar.properties.generalCategory))
            }
            let escapes = text.text(on: Canvas(columns: 20, showsColor: true)).unicodeScalars.count { $0 == "\u{1B}" }
            #expect(escapes == 4, "two styles begin and end")
        }
    }

    /// East Asian characters take two cells, combining marks none.
    @Test func widthIsInCells() {
        #expect("深層".displayWidth == 4 && "e\u{301}".displayWidth == 1 && "🙂".displayWidth == 2)
        var text = StyledText("深層")
        text.append("学習")
        #expect(text.text(on: Canvas(columns: 8, showsColor: false)) == "深層\n学習\n")
        #expect(text.text(on: Canvas(columns: 9, showsColor: false)) == "深層 学習\n")
    }
}
