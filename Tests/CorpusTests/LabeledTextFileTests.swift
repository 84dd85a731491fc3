import Corpus
import Fixtures
import Storage
import SystemPackage
import Testing

@Suite struct LabeledTextFileTests {
    private func read(_ name: String, _ text: String) throws -> [LabeledText] {
        let path = try temporaryFolder().appending(name)
        try DurableFile.write(text, to: path)
        return try LabeledTextFile(path).texts()
    }

    private let singles = [
        LabeledText(label: "yes", text: "a \"quoted\" text", line: 1), LabeledText(label: "no", text: "", line: 3),
    ]
    private let pairs = [
        LabeledText(label: "1", text: "one", pair: "two", line: 1),
        LabeledText(label: "0", text: "three", pair: "", line: 2),
    ]

    @Test func columns() throws {
        #expect(try read("a.tsv", "yes\ta \"quoted\" text\r\n \nno\t\n") == singles)
        #expect(try read("a.txt", "1\tone\ttwo\n0\tthree\t") == pairs)
        #expect(try read("a", "") == [])
    }

    /// A first line with the names says which column is which, and is not an example.
    @Test func namedColumns() throws {
        func moved(_ texts: [LabeledText]) -> [LabeledText] {
            texts.map { LabeledText(label: $0.label, text: $0.text, pair: $0.pair, line: $0.line + 1) }
        }
        #expect(try read("a.tsv", "text\tlabel\na \"quoted\" text\tyes\n\n\tno\n") == moved(singles))
        #expect(try read("a.tsv", "text_pair\tlabel\ttext\ntwo\t1\tone\n\t0\tthree\n") == moved(pairs))
        // As in the files of GLUE, and as people write them.
        #expect(try read("a.tsv", "sentence\tlabel\na \"quoted\" text\tyes\n\n\tno\n") == moved(singles))
        #expect(try read("a.tsv", "Label\tTEXT\nyes\ta \"quoted\" text\n\nno\t\n") == moved(singles))
        // The files of GLUE have numbers, and pairs under other names.
        #expect(try read("a.tsv", "sentence\tlabel\tidx\na \"quoted\" text\tyes\t0\n\n\tno\t1\n") == moved(singles))
        let pairsOfGLUE = "index\tsentence1\tsentence2\tlabel\n7\tone\ttwo\t1\n8\tthree\t\t0\n"
        #expect(try read("a.tsv", pairsOfGLUE) == moved(pairs))
        // QNLI and QQP.
        #expect(try read("a.tsv", "index\tquestion\tsentence\tlabel\n7\tone\ttwo\t1\n8\tthree\t\t0\n") == moved(pairs))
        #expect(try read("a.tsv", "question1\tquestion2\tlabel\none\ttwo\t1\nthree\t\t0\n") == moved(pairs))
        #expect(try read("a.tsv", "label\ttexts\n") == [LabeledText(label: "label", text: "texts", line: 1)])
    }

    @Test func jsonLines() throws {
        let json = "{\"label\": \"yes\", \"text\": \"a \\\"quoted\\\" text\"}\n\n{\"text\": \"\", \"label\": \"no\"}"
        #expect(try read("a.jsonl", json) == singles)
        let numbers =
            "{\"label\": 1, \"text\": \"one\", \"text_pair\": \"two\", \"idx\": [3]}\n"
            + "{\"label\": 0, \"text\": \"three\", \"text_pair\": \"\"}\n"
        #expect(try read("a.json", numbers) == pairs)
        #expect(
            try read("a.jsonl", #"{"label": true, "text": "t"}"#) == [LabeledText(label: "true", text: "t", line: 1)])
    }

    @Test(arguments: [
        ("a.tsv", "yes\ttext\nno\n", 2), ("a.tsv", "yes\ta\tb\tc\n", 1), ("a.tsv", "yes\ta\nno\tb\tc\n", 2),
        ("a.tsv", "text\tlabel\na\tyes\tmore\n", 2), ("a.jsonl", #"{"label": 1.5, "text": "t"}"#, 1),
        ("a.jsonl", #"{"label": "a"}"#, 1), ("a.jsonl", "label\ttext\n", 1), ("a.tsv", "a\tb\n\tc\n", 2),
        ("a.jsonl", #"{"label": "", "text": "t"}"#, 1),
    ])
    func refusesALine(name: String, text: String, line: Int) throws {
        let error = #expect(throws: CorpusError.self) { try read(name, text) }
        #expect(error?.kind == .malformedLine && error?.location?.spot == .line(line))
    }

    /// The remedy is of the kind of the file.
    @Test(arguments: [
        ("a.tsv", "label\ttext\tmore\na\tb\n", "as many columns"), ("a.tsv", "yes\ta\nno\tb\tc\n", "a tab"),
        (
            "a.jsonl", #"{"label": 1, "text": "x", "text_pair": "y"}"# + "\n" + #"{"label": 1, "text": "x"}"#,
            "\"text_pair\""
        ),
    ])
    func saysWhatToGive(name: String, text: String, remedy: String) throws {
        let error = #expect(throws: CorpusError.self) { try read(name, text) }
        #expect(error?.remedy.contains(remedy) == true)
    }

    /// In Latin-1, two labels could become one.
    @Test(arguments: [
        ("a.tsv", "a\tb\n", "b\t", "\n"), ("a.jsonl", "\n", #"{"label": "a"#, #"", "text": "t"}"#),
    ])
    func refusesWhatIsNotText(name: String, first: String, start: String, end: String) throws {
        let path = try temporaryFolder().appending(name)
        try DurableFile.write(Array((first + start).utf8) + [0xFF] + Array(end.utf8), to: path)
        let error = #expect(throws: CorpusError.self) { try LabeledTextFile(path).texts() }
        #expect(error?.kind == .malformedLine && error?.location?.spot == .line(2))
        #expect(error?.remedy.contains("iconv") == true)
    }

    @Test func refusesHalfOfASurrogatePair() throws {
        let error = #expect(throws: CorpusError.self) { try read("a.jsonl", #"{"label": "a\uD800", "text": "t"}"#) }
        #expect(error?.kind == .malformedLine && error?.location?.spot == .line(1))
    }

    @Test func sentencePairs() throws {
        let path = try temporaryFolder().appending("pairs.jsonl")
        try DurableFile.write(
            #"{"sentence_good": "a b", "sentence_bad": "b a", "UID": "order", "field": 5, "pairID": "0"}"#
                + "\n\n"
                + #"{"sentence_good": "c", "sentence_bad": "d"}"# + "\n", to: path)
        #expect(
            try SentencePair.read(path) == [
                SentencePair(good: "a b", bad: "b a", paradigm: "order", field: "5", file: path, line: 1),
                SentencePair(good: "c", bad: "d", file: path, line: 3),
            ])
        try DurableFile.write(#"{"sentence_good": "c"}"#, to: path)
        #expect(throws: CorpusError.self) { try SentencePair.read(path) }
        try DurableFile.write(
            Array(#"{"sentence_good": "c", "sentence_bad": ""#.utf8) + [0xE9] + Array("\"}\n".utf8), to: path)
        #expect(throws: CorpusError.self) { try SentencePair.read(path) }
    }
}
