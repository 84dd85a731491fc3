import Corpus
import Storage
import SystemPackage
import Testing

@Suite struct TokenizerFolderTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        _ = try folder.write("<pad>\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n", to: "vocab.txt")
    }

    @Test func readsWhatHuggingFaceWrites() throws {
        _ = try folder.write(
            """
            {"tokenizer_class": "ElectraTokenizerFast", "do_lower_case": false, "strip_accents": null,
             "tokenize_chinese_chars": false, "model_max_length": 512, "unk_token": "[UNK]",
             "pad_token": {"__type": "AddedToken", "content": "<pad>", "lstrip": false}, "added_tokens_decoder": {}}
            """, to: "tokenizer_config.json")
        let tokenizer = try WordPieceTokenizer(folder: folder.path)
        var expected = TokenizerConfiguration(lowercases: false, separatesIdeographs: false, maxLength: 512)
        expected.specialTokens.padding = "<pad>"
        #expect(tokenizer.configuration == expected)
        #expect(tokenizer.vocabulary.special.padding == 0)
    }

    @Test func takesTheDefaultsOfBertTokenizer() throws {
        let path = try folder.write(#"{"model_max_length": 1000000000000000019884624838656}"#, to: "empty.json")
        #expect(try TokenizerConfiguration(contentsOf: path) == TokenizerConfiguration(lowercases: true))
        _ = try folder.write("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n", to: "vocab.txt")
        #expect(try WordPieceTokenizer(folder: folder.path).configuration == TokenizerConfiguration())
    }

    @Test func readsWhatItWrites() throws {
        var configuration = TokenizerConfiguration(
            lowercases: false, stripsAccents: true, separatesIdeographs: false, maxLength: 128)
        configuration.specialTokens.padding = "<pad>"
        let vocabulary = try Vocabulary(
            contentsOf: folder.path.appending("vocab.txt"), specialTokens: configuration.specialTokens)
        try WordPieceTokenizer(vocabulary: vocabulary, configuration: configuration).write(to: folder.path)
        #expect(try WordPieceTokenizer(folder: folder.path).configuration == configuration)
        let text = String(
            decoding: try RandomAccessFile.contents(of: folder.path.appending("tokenizer_config.json")), as: UTF8.self)
        #expect(text.contains(#""tokenizer_class" : "BertTokenizer""#))
        #expect(text.contains(#""model_max_length" : 128"#), "transformers compares it with whole numbers")
    }

    @Test func refusesWhatItCannotHonor() throws {
        func error(_ text: String) throws -> CorpusError? {
            let path = try folder.write(text, to: "tokenizer_config.json")
            return #expect(throws: CorpusError.self) { try TokenizerConfiguration(contentsOf: path) }
        }
        #expect(try error("{").map(\.kind) == .malformedConfiguration)
        #expect(try error("[]").map(\.kind) == .malformedConfiguration)
        let wrong = try error(#"{"do_lower_case": "yes"}"#)
        #expect(wrong?.kind == .malformedConfiguration)
        #expect(wrong?.problem.contains("do_lower_case") == true)
        #expect(
            try error(#"{"tokenizer_class": "RobertaTokenizer"}"#).map(\.kind)
                == .unsupportedTokenizer("RobertaTokenizer"))
        let lacking = #expect(throws: CorpusError.self) {
            _ = try folder.write("{}", to: "tokenizer_config.json")
            return try WordPieceTokenizer(folder: folder.path)
        }
        #expect(lacking?.kind == .missingSpecialToken("[PAD]"))
        let none = #expect(throws: CorpusError.self) { try WordPieceTokenizer(folder: folder.path.appending("no")) }
        #expect(none?.kind == .file)
    }
}
