import JSON
import Storage
import SystemPackage

/// `tokenizer_config.json` as it stands.
struct TokenizerConfigurationFile: Encodable {
    var tokenizerClass: String?
    var lowercases: Bool?
    var stripsAccents: Bool?
    var separatesIdeographs: Bool?
    var addsPrefixSpace: Bool?
    var padding, unknown, classification, separator, mask: String?
    /// Where a model has no `cls_token` and `sep_token`, these begin and end its sequences.
    var beginning, end: String?
    var maxLength: Double?
    /// Tokens that were added to the vocabulary, by their ids.
    var added: [String: AddedToken]?

    struct AddedToken: Encodable {
        let content: String
        let special: Bool?
    }

    enum CodingKeys: String, CodingKey {
        case tokenizerClass = "tokenizer_class"
        case lowercases = "do_lower_case"
        case stripsAccents = "strip_accents"
        case separatesIdeographs = "tokenize_chinese_chars"
        case addsPrefixSpace = "add_prefix_space"
        case padding = "pad_token"
        case unknown = "unk_token"
        case classification = "cls_token"
        case separator = "sep_token"
        case mask = "mask_token"
        case beginning = "bos_token"
        case end = "eos_token"
        case maxLength = "model_max_length"
        case added = "added_tokens_decoder"
    }
}

extension TokenizerConfigurationFile {
    init(contentsOf path: FilePath) throws(CorpusError) {
        let bytes = try CorpusError.rethrowing(RandomAccessFile.contents(of: path))
        do throws(JSONMismatch) {
            self = try TokenizerConfigurationFile(JSONCursor(reading: bytes))
        } catch {
            throw CorpusError(
                .malformedConfiguration, "this is not a tokenizer configuration: \(error)",
                at: ErrorLocation(file: path.string), remedy: "Take the file from the model's folder again")
        }
    }

    private init(_ json: JSONCursor) throws(JSONMismatch) {
        /// A token's name, or the object of an `AddedToken` with it.
        func token(_ key: CodingKeys) throws(JSONMismatch) -> String? {
            guard let token = json[key.rawValue].present else { return nil }
            guard let content = token["content"].present else { return try token.text() }
            return try content.text()
        }
        func truth(_ key: CodingKeys) throws(JSONMismatch) -> Bool? { try json[key.rawValue].present?.truth() }
        _ = try json.members()
        tokenizerClass = try json[CodingKeys.tokenizerClass.rawValue].present?.text()
        lowercases = try truth(.lowercases)
        stripsAccents = try truth(.stripsAccents)
        separatesIdeographs = try truth(.separatesIdeographs)
        addsPrefixSpace = try truth(.addsPrefixSpace)
        (padding, unknown, mask) = (try token(.padding), try token(.unknown), try token(.mask))
        (classification, separator) = (try token(.classification), try token(.separator))
        (beginning, end) = (try token(.beginning), try token(.end))
        maxLength = try json[CodingKeys.maxLength.rawValue].present?.double()
        added = [:]
        for (id, token) in try json[CodingKeys.added.rawValue].present?.members() ?? [] {
            let isSpecial = try token["special"].present?.truth()
            added?[id] = AddedToken(content: try token["content"].text(), special: isSpecial)
        }
    }

    /// The special tokens, `defaults` where the file names none.
    func specialTokens(_ defaults: SpecialTokenNames) -> SpecialTokenNames {
        var tokens = defaults
        tokens.padding = padding ?? tokens.padding
        tokens.unknown = unknown ?? tokens.unknown
        tokens.classification = classification ?? beginning ?? tokens.classification
        tokens.separator = separator ?? end ?? tokens.separator
        tokens.mask = mask ?? tokens.mask
        return tokens
    }

    /// Refuses a class that none of `classes` is.
    func checkClass(_ classes: Set<String>, _ kind: String, at path: FilePath) throws(CorpusError) {
        guard let name = tokenizerClass, !classes.contains(name) else { return }
        throw CorpusError(
            .unsupportedTokenizer(name), "tokenizer_class is \(name), which is not a \(kind) tokenizer",
            at: ErrorLocation(file: path.string, .name("tokenizer_class")),
            remedy: "Use a model with one of \(classes.sorted().joined(separator: ", ")), or \(CorpusError.useIDs)")
    }

    /// Refuses tokens that were added to be found in text: this tokenizer looks for none.
    func checkAddedTokens(at path: FilePath) throws(CorpusError) {
        for (id, token) in (added ?? [:]).sorted(by: { $0.key < $1.key }) where token.special != true {
            throw CorpusError.unsupported("the added token \"\(token.content)\" (id \(id)), which is not special", path)
        }
    }
}
