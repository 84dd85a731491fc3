import Terminal
import Testing

@Suite("Tables")
struct TableTests {
    @Test func alignsColumns() {
        var table = Table(header: ["stage", "tokens"], alignments: [.left, .right])
        table.append("mlm", "4,000")
        table.append("generate", "12")
        #expect(
            table.description == """
                stage     tokens
                mlm        4,000
                generate      12

                """)
    }

    @Test func leavesNoBlanksAtTheEndOfALine() {
        let table = Table(["loss": "0.2", "Hugging Face folder": "run"])
        #expect(table.description == "loss                 0.2\nHugging Face folder  run\n")
    }
}
