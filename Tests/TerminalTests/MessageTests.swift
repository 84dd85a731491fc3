import Terminal
import Testing

@Suite("Messages")
struct MessageTests {
    private let message = Message("error: the file is damaged.\n  --indented  line  that  is  laid  out\n\nEnd")

    @Test func linesStayWholeInALog() {
        #expect(
            message.text(on: Canvas(columns: nil, showsColor: false))
                == "error: the file is damaged.\n  --indented  line  that  is  laid  out\n\nEnd\n")
    }

    @Test func wordsAreNotCutOnATerminal() {
        #expect(
            message.text(on: Canvas(columns: 16, showsColor: false))
                == "error: the file\nis damaged.\n  --indented  line  that  is  laid  out\n\nEnd\n")
    }

    @Test func aWideTerminalIsNotFilled() {
        let long = Message(String(repeating: "word ", count: 60))
        let lines = long.text(on: Canvas(columns: 300, showsColor: false)).split(separator: "\n")
        #expect(lines.count == 3 && lines.allSatisfy { $0.count <= 100 })
    }

    @Test func escapesAreSpelledOut() {
        #expect(Message("a\u{1B}[2J").text(on: Canvas(columns: 40, showsColor: true)).contains("\\u{"))
    }
}
