import Corpus
import Storage
import SystemPackage
import Testing

/// `--ids`: files of ids, and the values that a folder has for them.
@Suite struct PretokenizedTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        _ = try folder.write(
            #"{"vocab_size": 100, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "mask_token_id": 3}"#,
            to: "config.json")
    }

    func sequences(_ files: FilePath..., maxLength: Int = 6) throws -> [[Int32]] {
        var source = try CorpusInput.ids(files, model: folder.path).sequences(maxLength: maxLength)
        var sequences: [[Int32]] = []
        while let sequence = try source.next() {
            sequences.append(sequence.tokens)
            #expect(source.bytesRead <= source.totalBytes)
        }
        #expect(source.bytesRead == source.totalBytes)
        return sequences
    }

    func error(_ file: FilePath, maxLength: Int = 6) -> CorpusError? {
        #expect(throws: CorpusError.self) { try sequences(file, maxLength: maxLength) }
    }

    @Test func packsDocumentsAndKeepsSequences() throws {
        let path = try folder.write(
            """
            {"input_ids": [10, 11, 12, 13, 14], "attention_mask": [1, 1, 1, 1, 1]}
            {"input_ids": []}
            {"input_ids": [20]}

            {"input_ids": [1, 30, 2, 31, 2, 0, 0]}
            {"input_ids": [1, 2]}
            {"input_ids": [40, 0]}
            {"input_ids": [41]}
            """, to: "ids.jsonl")
        #expect(
            try sequences(path) == [
                [1, 10, 11, 12, 13, 2], [1, 14, 2, 20, 2], [1, 30, 2, 31, 2], [1, 40, 2, 41, 2],
            ])
    }

    @Test func refusesIDsThatCannotBe() throws {
        let line = "{\"input_ids\": [5]}\n"
        func error(_ ids: String) throws -> CorpusError? {
            self.error(try folder.write(line + "{\"input_ids\": [\(ids)]}\n", to: "ids.jsonl"))
        }
        let high = try error("5, 100")
        #expect(high?.kind == .idOutOfRange(100))
        #expect(high?.problem == "the id 100 is not one of 0 to 99")
        #expect(high?.location?.spot == .line(2))
        #expect(try error("-1")?.kind == .idOutOfRange(-1))
        #expect(try error("5, 0, 5")?.kind == .paddingInside)
        #expect(try error("1, 5, 6, 7, 8, 9, 2")?.kind == .sequenceTooLong(7))
        #expect(try error("\"5\"")?.kind == .malformedLine)
        let fraction = try error("5.0, 5.5")
        #expect(fraction?.kind == .malformedLine && fraction?.problem == "the id 5.5 is not an integer")
        #expect(try error("null")?.problem == "the id null is not an integer")
        let large = try error("99999999999999999999")
        #expect(large?.kind == .malformedLine && large?.problem == "the id 99999999999999999999 is too large")
        let text = self.error(try folder.write(line + "{\"input_ids\": \"5\"}", to: "ids.jsonl"))
        #expect(text?.problem == "\"input_ids\" is \"5\", not a list")
        #expect(self.error(try folder.write("{\"ids\": [5]}", to: "ids.json"))?.problem == "there is no \"input_ids\"")
        #expect(self.error(try folder.write("5 6", to: "ids.dat"))?.kind == .unknownFileType)
        #expect(self.error(folder.path.appending("none.npy"))?.kind == .file)
    }

    /// A .npy file, its header as numpy writes it.
    func array(
        _ bytes: [UInt8], _ type: String, _ shape: String, order: String = "False", version: UInt8 = 1,
        to name: String = "ids.npy"
    ) throws -> FilePath {
        let text = "{'descr': '\(type)', 'fortran_order': \(order), 'shape': \(shape), }"
        let sizeWidth = version == 1 ? 2 : 4
        let padding = (64 - (8 + sizeWidth + text.utf8.count + 1) % 64) % 64
        let header = Array((text + String(repeating: " ", count: padding) + "\n").utf8)
        let size = (0..<sizeWidth).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) }
        return try folder.write([0x93] + Array("NUMPY".utf8) + [version, 0] + size + header + bytes, to: name)
    }

    @Test(arguments: [
        ("<i4", [10, 0, 0, 0, 11, 0, 0, 0]), (">i4", [0, 0, 0, 10, 0, 0, 0, 11]), ("|u1", [10, 11]), ("|i1", [10, 11]),
        ("<u2", [10, 0, 11, 0]), (">u2", [0, 10, 0, 11]), ("<i2", [10, 0, 11, 0]), ("<u4", [10, 0, 0, 0, 11, 0, 0, 0]),
        ("<i8", [10, 0, 0, 0, 0, 0, 0, 0, 11, 0, 0, 0, 0, 0, 0, 0]),
        (">u8", [0, 0, 0, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0, 0, 0, 11]),
    ])
    func readsIntegersOfEveryType(type: String, bytes: [UInt8]) throws {
        for version: UInt8 in 1...3 {
            #expect(try sequences(array(bytes, type, "(2,)", version: version)) == [[1, 10, 11, 2]])
        }
    }

    @Test func readsStreamsAndRows() throws {
        let numbers = (0..<200_000).map { 4 + $0 % 90 }
        let stream = try array(numbers.map { UInt8($0) }, "|u1", "(200000,)")
        let packed = try sequences(stream, maxLength: 128)
        #expect(packed.flatMap { $0.dropFirst().dropLast() } == numbers.map { Int32($0) })
        let rows: [UInt8] = [1, 10, 11, 2, 0, 20, 21, 0, 0, 0, 0, 0, 0, 0, 0]
        #expect(try sequences(array(rows, "|u1", "(3, 5)")) == [[1, 10, 11, 2], [1, 20, 21, 2]])
        #expect(try sequences(array([], "<i4", "(0,)")) == [])
        #expect(try sequences(array([], "<i4", "(5, 0)")) == [])
        let ends: [UInt8] = [1, 10, 11, 2]
        #expect(try sequences(array(ends, "|u1", "(4,)")) == [[1, 1, 10, 11, 2, 2]], "a stream is not a sequence")
    }

    @Test(arguments: [
        ("<f4", "(1,)", "False", "the type of its numbers is <f4"),
        ("|O", "(1,)", "False", "the type of its numbers is |O"),
        ("|b1", "(4,)", "False", "the type of its numbers is |b1"),
        ("=i4", "(1,)", "False", "the type of its numbers is =i4"),
        ("<i4", "()", "False", "neither one dimension nor two"),
        ("<i4", "(1, 1, 1)", "False", "neither one dimension nor two"),
        ("<i4", "(1, 1)", "True", "column after column"), ("<i4", "(99999999999999999999,)", "False", "neither one"),
        ("<i4", "(4000000000, 4000000000)", "False", "more than a file holds"),
        ("<i4", "(1, 99999999)", "False", "longer than any sequence"),
        ("<i4", "(2,)", "False", "the file ends after 1 of 2 numbers"),
        ("<i4", "(0,)", "False", "bytes follow the array"),
        ("<i4", "(1,), 'x': 1", "False", "not one of a plain array"),
    ])
    func refusesOtherArrays(type: String, shape: String, order: String, problem: String) throws {
        let error = error(try array([5, 0, 0, 0], type, shape, order: order))
        #expect(error?.kind == .malformedArray)
        #expect(error?.problem.contains(problem) == true, "\(String(describing: error))")
    }

    @Test func refusesWhatIsNoArray() throws {
        #expect(error(try folder.write("not an array", to: "ids.npy"))?.problem == "this is not a .npy file")
        #expect(error(try folder.write("not", to: "ids.npy"))?.problem == "the file ends in its header")
        #expect(error(try array([5], "|u1", "(1,)", version: 4))?.problem.contains("version 4.0") == true)
        let low = error(try array([5, 255], "|i1", "(2,)"))
        #expect(low?.kind == .idOutOfRange(-1))
        #expect(low?.location?.spot == .name("number 1"))
        let row = error(try array([5, 5, 5, 200], "|u1", "(2, 2)"))
        #expect(row?.location?.spot == .name("row 1, column 1"))
        let huge = error(try array([255, 255, 255, 255, 255, 255, 255, 255], "<u8", "(1,)"))
        #expect(huge?.kind == .idOutOfRange(Int.max))
    }

    @Test func looksTokensUp() throws {
        let text = try folder.write("A C\tG \n\nT [CLS] T\n", to: "ids.txt")
        #expect(error(text)?.kind == .undefinedVocabulary("vocab.txt"))
        _ = try folder.write("[PAD]\n[CLS]\n[SEP]\n[MASK]\nA\nC\nG\nT\n", to: "vocab.txt")
        #expect(try sequences(text, maxLength: 20) == [[1, 4, 5, 6, 2, 7, 1, 7, 2]])
        let unknown = error(try folder.write("A\nA N\n", to: "bad.txt"))
        #expect(unknown?.kind == .unknownToken("N"))
        #expect(unknown?.location?.spot == .line(2))
    }

    @Test func findsTheSpecialIDs() throws {
        let input = try CorpusInput.ids([], model: folder.path)
        #expect(input.vocabularySize == 100)
        #expect(input.special.all == [0, 1, 2, 3])
        #expect(
            String(decoding: input.canonicalBytes, as: UTF8.self)
                == "vocabulary_size 100\npadding 0\nclassification 1\nseparator 2\nmask 3\n")
        // A tokenizer of another kind tells its special tokens all the same, and goes before config.json.
        _ = try folder.write(
            """
            {"model": {"type": "Unigram", "vocab": []}, "added_tokens": [{"id": 90, "content": "<mask>", "special": true}]}
            """, to: "tokenizer.json")
        _ = try folder.write(
            """
            {"tokenizer_class": "XLMRobertaTokenizer", "mask_token": {"content": "<mask>"}, "eos_token": "</s>",
             "added_tokens_decoder": {"80": {"content": "</s>", "special": true}}}
            """, to: "tokenizer_config.json")
        #expect(try CorpusInput.ids([], model: folder.path).special.all == [0, 1, 80, 90])
    }

    @Test(arguments: [
        ("\"vocab_size\": 100, ", "", "vocab_size"), ("\"mask_token_id\": 3", "\"x\": 3", "mask_token_id"),
        ("\"bos_token_id\": 1, ", "", "cls_token_id or bos_token_id"), ("\"pad_token_id\": 0, ", "", "pad_token_id"),
        ("\"eos_token_id\": 2, ", "", "sep_token_id or eos_token_id"),
    ])
    func namesTheKeyThatIsMissing(part: String, other: String, key: String) throws {
        let text = String(
            decoding: try RandomAccessFile.contents(of: folder.path.appending("config.json")), as: UTF8.self)
        _ = try folder.write(text.replacing(part, with: other), to: "config.json")
        let error = #expect(throws: CorpusError.self) { try CorpusInput.ids([], model: folder.path) }
        #expect(error?.kind == .undefinedVocabulary(key))
        #expect(error?.blame == .data)
        _ = try folder.write(text.replacing("\"mask_token_id\": 3", with: "\"mask_token_id\": 100"), to: "config.json")
        let beyond = #expect(throws: CorpusError.self) { try CorpusInput.ids([], model: folder.path) }
        #expect(beyond?.kind == .idOutOfRange(100))
    }

    /// A model whose vocabulary was trimmed, beside the tokenizer that it had before.
    @Test func refusesATokenizerThatIsLargerThanTheModel() throws {
        let trimmed = try TemporaryFolder()
        _ = try trimmed.write("a\nb\n[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n", to: "vocab.txt")
        _ = try trimmed.write(#"{"vocab_size": 6}"#, to: "config.json")
        let error = #expect(throws: CorpusError.self) { try CorpusInput.ids([], model: trimmed.path) }
        #expect(error?.kind == .idOutOfRange(6))
        _ = try trimmed.write(#"{"vocab_size": 7}"#, to: "config.json")
        #expect(try CorpusInput.ids([], model: trimmed.path).special.mask == 6)
    }

    /// The files that a model's folder needs for the next stage, whoever made the tokenizer.
    @Test func completesAFolder() throws {
        let out = try TemporaryFolder()
        try CorpusInput.ids([], model: folder.path).completeTokenizer(in: out.path)
        _ = try out.write(#"{"vocab_size": 100}"#, to: "config.json")
        #expect(try CorpusInput.ids([], model: out.path).special.all == [0, 1, 2, 3])

        let roberta = try TemporaryFolder()
        for name in ["vocab.json", "merges.txt"] {
            _ = try roberta.write(RandomAccessFile.contents(of: golden("byte-level").appending(name)), to: name)
        }
        let path = try roberta.write(#"{"model_max_length": 512}"#, to: "tokenizer_config.json")
        let input = try CorpusInput.text([], tokenizer: roberta.path)
        try input.completeTokenizer(in: roberta.path)
        let text = String(decoding: try RandomAccessFile.contents(of: path), as: UTF8.self)
        for member in [
            "\"model_max_length\": 512", "\"tokenizer_class\": \"RobertaTokenizer\"", "\"mask_token\": \"<mask>\"",
        ] {
            #expect(text.contains(member), "\(text)")
        }
        try input.completeTokenizer(in: roberta.path)
        #expect(String(decoding: try RandomAccessFile.contents(of: path), as: UTF8.self) == text)
        _ = try roberta.write(RandomAccessFile.contents(of: golden("byte-level/tokenizer.json")), to: "tokenizer.json")
        _ = try roberta.write("{}", to: "tokenizer_config.json")
        try CorpusInput.text([], tokenizer: roberta.path).completeTokenizer(in: roberta.path)
        let generic = String(decoding: try RandomAccessFile.contents(of: path), as: UTF8.self)
        #expect(generic.contains("\"tokenizer_class\": \"PreTrainedTokenizerFast\""))
    }
}
