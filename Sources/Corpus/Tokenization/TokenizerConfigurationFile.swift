import FoundationEssentials
import Storage
import SystemPackage

/// `tokenizer_config.json` as it stands.
struct TokenizerConfigurationFile: Codable {
    /// A token's name, or the object of an `AddedToken` with it.
    struct Token: Codable {
        let content: String

        init(_ content: String) { self.content = content }

        init(from decoder: any Decoder) throws {
            if let name = try? decoder.singleValueContainer().decode(String.self) {
                content = name
            } else {
                content = try decoder.container(keyedBy: Key.self).decode(String.self, forKey: .content)
            }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode(content)
        }

        private enum Key: CodingKey { case content }
    }

    var tokenizerClass: String?
    var lowercases: Bool?
    var stripsAccents: Bool?
    var separatesIdeographs: Bool?
    var addsPrefixSpace: Bool?
    var padding, unknown, classification, separator, mask: Token?
    /// Where a model has no `cls_token` and `sep_token`, these begin and end its sequences.
    var beginning, end: Token?
    var maxLength: Double?
    /// Tokens that were added to the vocabulary, by their ids.
    var added: [String: AddedToken]?

    struct AddedToken: Codable {
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
        let bytes = try withFile { () throws(FileError) in try RandomAccessFile.contents(of: path) }
        do {
            self = try JSONDecoder().decode(TokenizerConfigurationFile.self, from: Data(bytes))
        } catch {
            throw CorpusError(
                .malformedConfiguration, "this is not a tokenizer configuration: \(words(of: error))",
                at: ErrorLocation(file: path.string), remedy: "Take the file from the model's folder again")
        }
    }

    /// The special tokens, `defaults` where the file names none.
    func specialTokens(_ defaults: SpecialTokens) -> SpecialTokens {
        var tokens = defaults
        tokens.padding = padding?.content ?? tokens.padding
        tokens.unknown = unknown?.content ?? tokens.unknown
        tokens.classification = classification?.content ?? beginning?.content ?? tokens.classification
        tokens.separator = separator?.content ?? end?.content ?? tokens.separator
        tokens.mask = mask?.content ?? tokens.mask
        return tokens
    }

    /// Refuses a class that none of `classes` is.
    func checkClass(_ classes: Set<String>, _ kind: String, at path: FilePath) throws(CorpusError) {
        guard let name = tokenizerClass, !classes.contains(name) else { return }
        throw CorpusError(
            .unsupportedTokenizer(name), "tokenizer_class is \(name), which is no \(kind) tokenizer",
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
