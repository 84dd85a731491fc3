import JSON
import Storage
import SystemPackage

/// The number of token ids, and the special ones. The ids of text that others tokenized must agree with them.
public struct TokenSpace: Sendable {
    /// Ids are below this.
    public let count: Int
    public let special: SpecialTokenIDs
    /// The tokens by name, where the folder has a list of them.
    let vocabulary: Vocabulary?

    init(count: Int, special: SpecialTokenIDs, vocabulary: Vocabulary? = nil) {
        self.count = count
        self.special = special
        self.vocabulary = vocabulary
    }

    /// The bytes that identify the vocabulary: the tokens' where they are known, else a line for the number of tokens and
    /// for each special id.
    public var canonicalBytes: [UInt8] {
        if let vocabulary { return vocabulary.canonicalBytes }
        let lines = [
            ("vocabulary_size", "\(count)"), ("padding", "\(special.padding)"),
            ("classification", "\(special.classification)"), ("separator", "\(special.separator)"),
            ("mask", "\(special.mask)"),
        ]
        return Array(lines.map { "\($0) \($1)\n" }.joined().utf8)
    }
}

extension TokenSpace {
    private static let modelFileName = "config.json"

    /// Reads the token space of a folder with any tokenizer: one of ours, another one's `tokenizer.json` or
    /// `tokenizer_config.json` with ids for the special tokens, a `vocab.txt`, or only a `config.json` with `vocab_size`,
    /// `pad_token_id`, `cls_token_id` (or `bos_token_id`), `sep_token_id` (or `eos_token_id`) and `mask_token_id`.
    public init(folder: FilePath) throws(CorpusError) {
        let names = try CorpusError.rethrowing(Folder(folder).names())
        func json(_ name: String) throws(CorpusError) -> JSONValue? {
            names.contains(name) ? try TokenizerFile.json(folder.appending(name)) : nil
        }
        let model = try json(Self.modelFileName)
        let sources = try SpecialTokenSources(
            configuration: json(TokenizerConfiguration.fileName), tokenizer: json(TokenizerFile.name), model: model)
        // One of our own kinds tells all; of another kind only the special tokens are wanted.
        var vocabulary = try? Tokenizer(folder: folder).vocabulary
        if vocabulary == nil, names.contains(WordPieceTokenizer.vocabularyFileName) {
            vocabulary = try Vocabulary(
                contentsOf: folder.appending(WordPieceTokenizer.vocabularyFileName), specialTokens: sources.names,
                spellsEverything: true)
        }
        guard let count = model?["vocab_size"]?.integer ?? vocabulary?.count else {
            throw CorpusError(
                .undefinedVocabulary("vocab_size"), "nothing tells how many tokens there are",
                at: ErrorLocation(file: folder.appending(Self.modelFileName).string, .name("vocab_size")),
                remedy: "Put \"vocab_size\" into \(Self.modelFileName), or vocab.txt beside it")
        }
        guard count > 0, count <= Int32.max else {
            throw CorpusError(
                .undefinedVocabulary("vocab_size"), "vocab_size is \(count)",
                at: ErrorLocation(file: folder.appending(Self.modelFileName).string, .name("vocab_size")),
                remedy: "Give the number of the model's tokens")
        }
        if let vocabulary {
            if let id = vocabulary.special.all.max(), Int(id) >= count {
                throw CorpusError(
                    .idOutOfRange(Int(id)),
                    "the tokenizer has a special token with id \(id), and the model has \(count) tokens",
                    at: ErrorLocation(file: folder.appending(Self.modelFileName).string, .name("vocab_size")),
                    remedy: "Correct vocab_size, or take the tokenizer that belongs to the model")
            }
            self.init(count: count, special: vocabulary.special, vocabulary: vocabulary)
        } else {
            let special = try sources.ids(below: count, folder.appending(Self.modelFileName))
            self.init(count: count, special: special)
        }
    }
}

extension TokenSpace {
    /// Whether the tokenizer's files tell the special ids, without the model's configuration.
    static func tellsSpecialTokens(_ folder: FilePath) -> Bool {
        func json(_ name: String) -> JSONValue? {
            Folder(folder).contains(name) ? try? TokenizerFile.json(folder.appending(name)) : nil
        }
        let sources = SpecialTokenSources(
            configuration: json(TokenizerConfiguration.fileName), tokenizer: json(TokenizerFile.name), model: nil)
        return (try? sources.ids(below: Int(Int32.max), folder)) != nil
    }
}

/// Where a folder's special ids may stand.
private struct SpecialTokenSources {
    let configuration: JSONValue?
    let tokenizer: JSONValue?
    let model: JSONValue?

    private static let keys = (
        padding: ["pad_token"], classification: ["cls_token", "bos_token"], separator: ["sep_token", "eos_token"],
        mask: ["mask_token"]
    )

    /// BERT's names where the folder has no others.
    var names: SpecialTokenNames {
        var names = SpecialTokenNames()
        names.padding = name(Self.keys.padding) ?? names.padding
        names.classification = name(Self.keys.classification) ?? names.classification
        names.separator = name(Self.keys.separator) ?? names.separator
        names.mask = name(Self.keys.mask) ?? names.mask
        names.unknown = name(["unk_token"]) ?? names.unknown
        return names
    }

    private func name(_ keys: [String]) -> String? {
        for key in keys {
            if let token = configuration?[key], let name = token.text ?? token["content"]?.text { return name }
        }
        return nil
    }

    func ids(below count: Int, _ path: FilePath) throws(CorpusError) -> SpecialTokenIDs {
        SpecialTokenIDs(
            padding: try id(Self.keys.padding, count, path), unknown: (try? id(["unk_token"], count, path)),
            classification: try id(Self.keys.classification, count, path),
            separator: try id(Self.keys.separator, count, path), mask: try id(Self.keys.mask, count, path))
    }

    private func id(_ keys: [String], _ count: Int, _ path: FilePath) throws(CorpusError) -> Int32 {
        for key in keys {
            guard let id = id(key) else { continue }
            guard id >= 0, id < count else {
                throw CorpusError(
                    .idOutOfRange(id), "the id of \(key) is \(id), the vocabulary has \(count) tokens",
                    at: ErrorLocation(file: path.string, .name("\(key)_id")),
                    remedy: "Correct it, or vocab_size")
            }
            return Int32(id)
        }
        let wanted = keys.map { "\($0)_id" }.joined(separator: " or ")
        throw CorpusError(
            .undefinedVocabulary(wanted), "\(wanted) is missing, and no tokenizer file tells it",
            at: ErrorLocation(file: path.string), remedy: "Put it into \(path.lastComponent?.string ?? path.string)")
    }

    private func id(_ key: String) -> Int? {
        if let name = name([key]) {
            for token in tokenizer?["added_tokens"]?.elements ?? [] where token["content"]?.text == name {
                if let id = token["id"]?.integer { return id }
            }
            for (id, token) in configuration?["added_tokens_decoder"]?.members ?? []
            where token["content"]?.text == name {
                if let id = Int(id) { return id }
            }
            if let id = tokenizer?["model"]?["vocab"]?[name]?.integer { return id }
        }
        return model?["\(key)_id"]?.integer
    }
}
