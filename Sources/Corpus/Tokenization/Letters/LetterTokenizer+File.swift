import JSON
import Storage
import SystemPackage

extension LetterTokenizer {
    /// `model.type` of its `tokenizer.json`.
    static let modelType = "WordLevel"

    private static let whitespace = #"[\t-\r ]"#
    private static let character = #"[\s\S]"#

    /// Writes `tokenizer.json` and `tokenizer_config.json` into `folder`, which is made where missing: `AutoTokenizer` of
    /// transformers makes the same ids of them.
    public func write(to folder: FilePath) throws(CorpusError) {
        try CorpusError.rethrowing(Folder(folder).create())
        let files = [
            (TokenizerFile.name, file),
            (
                TokenizerConfiguration.fileName,
                .object([("tokenizer_class", .string("PreTrainedTokenizerFast"))] + vocabulary.specialTokens.members)
            ),
        ]
        for (name, content) in files {
            try CorpusError.rethrowing(DurableFile.write(content.json() + "\n", to: folder.appending(name)))
        }
    }

    /// The content of `tokenizer.json`.
    private var file: JSONValue {
        let special = vocabulary.specialTokens
        let tokens = (0..<Int32(vocabulary.count)).map {
            (name: vocabulary.token($0), value: JSONValue.number("\($0)"))
        }
        let added = vocabulary.tokensWithoutText.sorted().map { id in
            JSONValue.object(
                [("id", .number("\(id)")), ("content", .string(vocabulary.token(id)))]
                    + ["single_word", "lstrip", "rstrip", "normalized"].map { ($0, .boolean(false)) }
                    + [("special", .boolean(true))])
        }
        return .object([
            ("version", .string("1.0")), ("truncation", .null), ("padding", .null), ("added_tokens", .array(added)),
            (
                "normalizer",
                .step("Sequence", ("normalizers", .array(replacements.map { .replacement($0.pattern, $0.content) })))
            ),
            (
                "pre_tokenizer",
                .step(
                    "Split", ("pattern", .object([("Regex", .string(Self.character))])),
                    ("behavior", .string("Isolated")), ("invert", .boolean(false)))
            ),
            ("post_processor", postProcessor), ("decoder", .step("Fuse")),
            (
                "model",
                .step(Self.modelType, ("vocab", .object(tokens)), ("unk_token", .string(special.unknown)))
            ),
        ])
    }

    /// Before the text is cut: whitespace goes, letters are folded.
    fileprivate var replacements: [(pattern: JSONValue, content: String)] {
        [(.object([("Regex", .string(Self.whitespace))]), "")]
            + folds.map { (.object([("String", .string("\($0.letter)"))]), "\($0.other)") }
    }

    /// `[CLS] a [SEP]`, and of pairs `[CLS] a [SEP] b [SEP]` with token types.
    private var postProcessor: JSONValue {
        let names = vocabulary.specialTokens
        func token(_ name: String, _ type: Int) -> JSONValue {
            .object([("SpecialToken", .object([("id", .string(name)), ("type_id", .number("\(type)"))]))])
        }
        func text(_ name: String, _ type: Int) -> JSONValue {
            .object([("Sequence", .object([("id", .string(name)), ("type_id", .number("\(type)"))]))])
        }
        let single = [token(names.classification, 0), text("A", 0), token(names.separator, 0)]
        let ids = [
            (names.classification, vocabulary.special.classification), (names.separator, vocabulary.special.separator),
        ]
        return .step(
            "TemplateProcessing", ("single", .array(single)),
            ("pair", .array(single + [text("B", 1), token(names.separator, 1)])),
            (
                "special_tokens",
                .object(
                    ids.map { (name, id) in
                        (
                            name,
                            .object([
                                ("id", .string(name)), ("ids", .array([.number("\(id)")])),
                                ("tokens", .array([.string(name)])),
                            ])
                        )
                    })
            ))
    }

    /// Whether `tokenizer.json` prepares text as this tokenizer does.
    func agrees(withNormalizer normalizer: JSONValue, preTokenizer: JSONValue) -> Bool {
        let steps = normalizer["normalizers"]?.elements ?? []
        let expected = replacements
        return steps.count == expected.count
            && zip(steps, expected).allSatisfy { step, expected in
                step["type"]?.text == "Replace" && step["content"]?.text == expected.content
                    && ["Regex", "String"].allSatisfy { step["pattern"]?[$0]?.text == expected.pattern[$0]?.text }
            }
            && preTokenizer["pattern"]?["Regex"]?.text == Self.character
            && preTokenizer["behavior"]?.text == "Isolated" && preTokenizer["invert"]?.truth != true
    }
}

extension JSONValue {
    /// A part of the pipeline.
    fileprivate static func step(_ type: String, _ members: (String, JSONValue)...) -> JSONValue {
        .object([("type", .string(type))] + members.map { (name: $0.0, value: $0.1) })
    }

    fileprivate static func replacement(_ pattern: JSONValue, _ content: String) -> JSONValue {
        step("Replace", ("pattern", pattern), ("content", .string(content)))
    }
}
