import Corpus
import FoundationEssentials
import Storage
import Testing

/// Against Hugging Face's own ids.
@Suite struct TokenizerGoldenTests {
    struct Golden: Decodable {
        struct Case: Decodable {
            let text: String
            let uncased: [Int32]
            let cased: [Int32]
        }
        let cases: [Case]
    }

    let cases: [Golden.Case]
    let vocabulary: Vocabulary

    init() throws {
        let bytes = try RandomAccessFile.contents(of: golden("tokenizer.json"))
        cases = try JSONDecoder().decode(Golden.self, from: Data(bytes)).cases
        vocabulary = try Vocabulary(contentsOf: golden("vocab.txt"))
    }

    @Test func givesTheIdsOfHuggingFace() {
        #expect(cases.count >= 120)
        let uncased = WordPieceTokenizer(vocabulary: vocabulary, configuration: .init(lowercases: true))
        let cased = WordPieceTokenizer(vocabulary: vocabulary, configuration: .init(lowercases: false))
        for golden in cases {
            let hint = String(golden.text.unicodeScalars.map { $0.escaped(asASCII: true) }.joined().prefix(200))
            #expect(uncased.encode(golden.text) == golden.uncased, "uncased: \(hint)")
            #expect(cased.encode(golden.text) == golden.cased, "cased: \(hint)")
        }
    }
}
