import Corpus
import FoundationEssentials
import Storage
import SystemPackage
import Testing

/// `tokenizer.json`: the parts that are read, and those that are refused by their names.
@Suite struct TokenizerFileTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    static let wordPiece = """
        {"added_tokens": [{"id": 0, "content": "[PAD]", "special": true, "lstrip": false}],
         "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
          "strip_accents": null, "lowercase": true},
         "pre_tokenizer": {"type": "BertPreTokenizer"},
         "post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}},
          {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "[SEP]", "type_id": 0}}]},
         "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
          "max_input_chars_per_word": 100,
          "vocab": {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "[MASK]": 4, "a": 5, "\\u00c5": 6, "\\u212b": 7}}}
        """

    func open(_ text: String, configuration: String? = nil) throws -> Tokenizer {
        _ = try folder.write(text, to: "tokenizer.json")
        if let configuration { _ = try folder.write(configuration, to: "tokenizer_config.json") }
        return try Tokenizer(folder: folder.path)
    }

    @Test func readsWordPiece() throws {
        let tokenizer = try open(Self.wordPiece)
        #expect(tokenizer.encode("A a") == [5, 5])
        #expect(tokenizer.vocabulary.count == 8, "canonically equivalent tokens are two")
        #expect(tokenizer.vocabulary.special.separator == 3)
        let cased = Self.wordPiece.replacing("\"lowercase\": true", with: "\"lowercase\": false")
        #expect(try open(cased).encode("A a") == [1, 5])
    }

    /// As transformers does: the other files of the vocabulary are not read.
    @Test func goesBeforeOtherFiles() throws {
        _ = try folder.write("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nb\n", to: "vocab.txt")
        #expect(try open(Self.wordPiece).encode("a b") == [5, 1])
    }

    @Test(arguments: [
        ("\"type\": \"WordPiece\"", "\"type\": \"Unigram\"", "the model Unigram"),
        ("\"type\": \"BertNormalizer\"", "\"type\": \"NFKC\"", "the normalizer NFKC"),
        ("\"clean_text\": true", "\"clean_text\": false", "clean_text false in its normalizer"),
        ("\"type\": \"BertPreTokenizer\"", "\"type\": \"Metaspace\"", "the pre-tokenizer Metaspace"),
        ("{\"type\": \"BertPreTokenizer\"}", "null", "no pre-tokenizer"),
        ("\"##\"", "\"@@\"", "continuing_subword_prefix \"@@\" in its model"),
        ("_word\": 100", "_word\": 50", "max_input_chars_per_word 50 in its model"),
        ("\"special\": true", "\"special\": false", "the added token \"[PAD]\", which is not special"),
        ("{\"Sequence\": {\"id\": \"A\", \"type_id\": 0}},", "", "a post_processor that does not put one token"),
        ("\"type\": \"TemplateProcessing\"", "\"type\": \"Sequence\"", "the post-processor Sequence"),
    ])
    func refusesWhatItDoesNotDo(part: String, other: String, problem: String) throws {
        #expect(Self.wordPiece.contains(part))
        let error = #expect(throws: CorpusError.self) { try open(Self.wordPiece.replacing(part, with: other)) }
        #expect(error?.problem.contains(problem) == true, "\(String(describing: error))")
        #expect(error?.remedy.hasSuffix(CorpusError.useIDs) == true)
        #expect(error?.blame == .data)
    }

    @Test(arguments: [
        ("\"a\": 5", "\"a\": 50", "the token \"a\" has the id 50, and lower ids have no token"),
        ("\"a\": 5", "\"a\": 4", "the id 4 belongs to \"[MASK]\" and to \"a\""),
        ("\"a\": 5, ", "", "the id 5 has no token"),
        ("\"a\": 5", "\"a\": \"5\"", "the id of the token \"a\" is \"5\""),
        ("\"[MASK]\": 4", "\"[MUSK]\": 4", "lacks the special token [MASK]"),
        ("\"lowercase\": true", "\"lowercase\": 1", "normalizer.lowercase is neither true nor false"),
        ("\"vocab\": {", "\"vocab\": {,", "this is not valid JSON"),
    ])
    func refusesWhatIsBroken(part: String, other: String, problem: String) throws {
        let error = #expect(throws: CorpusError.self) { try open(Self.wordPiece.replacing(part, with: other)) }
        #expect(error?.problem.contains(problem) == true, "\(String(describing: error))")
        #expect(error?.blame == .data)
    }

    /// transformers makes BertTokenizer from the settings, whatever tokenizer.json says.
    @Test func refusesSettingsThatDisagree() throws {
        let agreeing = #"{"tokenizer_class": "BertTokenizer"}"#
        #expect(try open(Self.wordPiece, configuration: agreeing).encode("A") == [5])
        let error = #expect(throws: CorpusError.self) {
            try open(Self.wordPiece, configuration: #"{"tokenizer_class": "BertTokenizer", "do_lower_case": false}"#)
        }
        #expect(
            error?.problem == "do_lower_case is true in tokenizer.json and false in tokenizer_config.json or by default"
        )
        let generic = #"{"tokenizer_class": "PreTrainedTokenizerFast", "do_lower_case": false}"#
        #expect(try open(Self.wordPiece, configuration: generic).encode("A") == [5])
        let other = #expect(throws: CorpusError.self) {
            try open(Self.wordPiece, configuration: #"{"tokenizer_class": "XLNetTokenizer"}"#)
        }
        #expect(other?.kind == .unsupportedTokenizer("XLNetTokenizer"))
    }

    @Test(arguments: [
        ("\"use_regex\": true", "\"use_regex\": false", "use_regex false in its pre_tokenizer"),
        ("\"ignore_merges\": false", "\"ignore_merges\": true", "ignore_merges true in its model"),
        (
            "\"end_of_word_suffix\": null", "\"end_of_word_suffix\": \"</w>\"",
            "end_of_word_suffix \"</w>\" in its model"
        ),
        ("\"dropout\": null", "\"dropout\": 0.1", "dropout 0.1 in its model"),
        ("\"normalizer\": null", "\"normalizer\": {\"type\": \"NFC\"}", "the normalizer NFC"),
        ("\"merges\": [", "\"merges\": [\"ab\",", "merge 1 is not two tokens"),
        ("\"merges\": [", "\"merges\": [[\"a\",\"zzz\"],", "lacks \"zzz\", which merge 1 of \"a\" and \"zzz\" needs"),
        ("\"Ã\": ", "\"ÃÃÃ\": ", "lacks \"Ã\", which stands for the byte 195"),
    ])
    func refusesOtherByteLevelTokenizers(part: String, other: String, problem: String) throws {
        let bytes = try RandomAccessFile.contents(of: golden("byte-level/tokenizer.json"))
        let value = String(decoding: bytes, as: UTF8.self)
        #expect(value.contains(part), "\(part)")
        let error = #expect(throws: CorpusError.self) { try open(value.replacing(part, with: other)) }
        #expect(error?.problem.contains(problem) == true, "\(String(describing: error))")
    }

    /// Of the files from before tokenizer.json.
    @Test func refusesAddedTokensBesideAVocabulary() throws {
        _ = try folder.write("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nb\n", to: "vocab.txt")
        _ = try folder.write(#"{"[MASK]": 4}"#, to: "added_tokens.json")
        #expect(try Tokenizer(folder: folder.path).encode("b") == [5])
        _ = try folder.write(#"{"[MASK]": 4, "ferry": 6}"#, to: "added_tokens.json")
        let file = #expect(throws: CorpusError.self) { try Tokenizer(folder: folder.path) }
        #expect(file?.problem == "this tokenizer has the added token \"ferry\", which is not special")
        _ = try folder.write("{}", to: "added_tokens.json")
        _ = try folder.write(
            #"{"added_tokens_decoder": {"6": {"content": "ferry", "special": false}}}"#, to: "tokenizer_config.json")
        let configuration = #expect(throws: CorpusError.self) { try Tokenizer(folder: folder.path) }
        #expect(configuration?.problem == file?.problem.replacing("\"ferry\"", with: "\"ferry\" (id 6)"))
    }

    @Test func saysWhatIsMissing() throws {
        let none = #expect(throws: CorpusError.self) { try Tokenizer(folder: folder.path) }
        #expect(none?.kind == .noTokenizer && none?.blame == .data)
        _ = try folder.write("{}", to: "vocab.json")
        let merges = #expect(throws: CorpusError.self) { try Tokenizer(folder: folder.path) }
        #expect(merges?.kind == .emptyVocabulary)
        _ = try folder.write(RandomAccessFile.contents(of: golden("byte-level/vocab.json")), to: "vocab.json")
        let pair = #expect(throws: CorpusError.self) { try Tokenizer(folder: folder.path) }
        #expect(pair?.problem == "merges.txt is missing beside vocab.json")
        _ = try folder.write("#version: 0.2\na b c\n", to: "merges.txt")
        let line = #expect(throws: CorpusError.self) { try Tokenizer(folder: folder.path) }
        #expect(line?.location?.spot == .line(2))
    }
}
