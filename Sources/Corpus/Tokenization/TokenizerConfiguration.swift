import FoundationEssentials
import Storage
import SystemPackage

/// What a `tokenizer_config.json` says of a BERT tokenizer.
public struct TokenizerConfiguration: Sendable, Hashable {
    /// `do_lower_case`: true for an uncased model.
    public var lowercases: Bool
    /// `strip_accents`; nil is as `lowercases`.
    public var stripsAccents: Bool?
    /// `tokenize_chinese_chars`: ideographs are tokenised one by one.
    public var separatesIdeographs: Bool
    public var specialTokens: SpecialTokens
    /// `model_max_length`, in tokens with `[CLS]` and `[SEP]`; nil where the file does not say.
    public var maxLength: Int?

    public init(
        lowercases: Bool = true, stripsAccents: Bool? = nil, separatesIdeographs: Bool = true,
        specialTokens: SpecialTokens = SpecialTokens(), maxLength: Int? = nil
    ) {
        self.lowercases = lowercases
        self.stripsAccents = stripsAccents
        self.separatesIdeographs = separatesIdeographs
        self.specialTokens = specialTokens
        self.maxLength = maxLength
    }
}

extension TokenizerConfiguration {
    /// The file's name in a Hugging Face folder.
    public static let fileName = "tokenizer_config.json"

    /// Reads `tokenizer_config.json`; what it does not say is as in transformers' `BertTokenizer`.
    public init(contentsOf path: FilePath) throws(CorpusError) {
        let bytes = try withFile { () throws(FileError) in try RandomAccessFile.contents(of: path) }
        let file: TokenizerConfigurationFile
        do {
            file = try JSONDecoder().decode(TokenizerConfigurationFile.self, from: Data(bytes))
        } catch {
            throw CorpusError(
                .malformedConfiguration, "this is not a tokenizer configuration: \(Self.explain(error))",
                at: ErrorLocation(file: path.string), remedy: "Take the file from the model's folder again")
        }
        if let name = file.tokenizerClass, !Self.readableClasses.contains(name) {
            throw CorpusError(
                .unsupportedTokenizer(name), "tokenizer_class is \(name), which is no BERT WordPiece tokenizer",
                at: ErrorLocation(file: path.string, .name("tokenizer_class")),
                remedy: "Use a model with one of \(Self.readableClasses.sorted().joined(separator: ", "))")
        }
        self.init(
            lowercases: file.lowercases ?? true, stripsAccents: file.stripsAccents,
            separatesIdeographs: file.separatesIdeographs ?? true)
        specialTokens.padding = file.padding?.content ?? specialTokens.padding
        specialTokens.unknown = file.unknown?.content ?? specialTokens.unknown
        specialTokens.classification = file.classification?.content ?? specialTokens.classification
        specialTokens.separator = file.separator?.content ?? specialTokens.separator
        specialTokens.mask = file.mask?.content ?? specialTokens.mask
        // transformers writes 1e30 for "no limit".
        maxLength = file.maxLength.flatMap { $0 >= 1 && $0 < 1e9 ? Int($0) : nil }
    }

    /// Writes a `tokenizer_config.json` that `AutoTokenizer.from_pretrained` of transformers 4 and 5 opens.
    public func write(to path: FilePath) throws(CorpusError) {
        let file = TokenizerConfigurationFile(
            tokenizerClass: "BertTokenizer", lowercases: lowercases, stripsAccents: stripsAccents,
            separatesIdeographs: separatesIdeographs, padding: .init(specialTokens.padding),
            unknown: .init(specialTokens.unknown), classification: .init(specialTokens.classification),
            separator: .init(specialTokens.separator), mask: .init(specialTokens.mask),
            maxLength: maxLength.map { Double($0) })
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        let data: Data
        do {
            data = try encoder.encode(file)
        } catch {
            throw CorpusError(
                .malformedConfiguration, "the configuration cannot be written as JSON: \(error)",
                at: ErrorLocation(file: path.string), remedy: "Choose other special tokens")
        }
        try withFile { () throws(FileError) in try DurableFile.write(Array(data) + [UInt8(ascii: "\n")], to: path) }
    }

    /// Classes that tokenise as BertTokenizer does.
    private static let readableClasses = Set(
        ["Bert", "Electra", "DistilBert", "MobileBert", "ConvBert"].flatMap {
            ["\($0)Tokenizer", "\($0)TokenizerFast"]
        })

    private static func explain(_ error: any Error) -> String {
        switch error {
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
            DecodingError.keyNotFound(_, let context):
            let key = context.codingPath.map(\.stringValue).joined(separator: ".")
            return key.isEmpty ? context.debugDescription : "\(key): \(context.debugDescription)"
        default:
            return "not valid JSON"
        }
    }
}

/// `tokenizer_config.json` as it stands.
private struct TokenizerConfigurationFile: Codable {
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
    var padding, unknown, classification, separator, mask: Token?
    var maxLength: Double?

    enum CodingKeys: String, CodingKey {
        case tokenizerClass = "tokenizer_class"
        case lowercases = "do_lower_case"
        case stripsAccents = "strip_accents"
        case separatesIdeographs = "tokenize_chinese_chars"
        case padding = "pad_token"
        case unknown = "unk_token"
        case classification = "cls_token"
        case separator = "sep_token"
        case mask = "mask_token"
        case maxLength = "model_max_length"
    }
}
