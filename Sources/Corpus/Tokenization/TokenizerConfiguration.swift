import FoundationEssentials
import Storage
import SystemPackage

/// The settings of a BERT tokenizer in a `tokenizer_config.json`.
public struct TokenizerConfiguration: Sendable, Hashable {
    /// `do_lower_case`: true for an uncased model.
    public var lowercases: Bool
    /// `strip_accents`; nil is as `lowercases`.
    public var stripsAccents: Bool?
    /// `tokenize_chinese_chars`: ideographs are tokenized one by one.
    public var separatesIdeographs: Bool
    public var specialTokens: SpecialTokenNames
    /// `model_max_length`, in tokens with `[CLS]` and `[SEP]`; nil where the file does not say.
    public var maxLength: Int?

    public init(
        lowercases: Bool = true, stripsAccents: Bool? = nil, separatesIdeographs: Bool = true,
        specialTokens: SpecialTokenNames = SpecialTokenNames(), maxLength: Int? = nil
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

    /// Reads `tokenizer_config.json`; settings that it lacks are as in transformers' `BertTokenizer`.
    public init(contentsOf path: FilePath) throws(CorpusError) {
        try self.init(TokenizerConfigurationFile(contentsOf: path), at: path)
    }

    init(_ file: TokenizerConfigurationFile, at path: FilePath) throws(CorpusError) {
        try file.checkClass(Self.readableClasses, "BERT WordPiece", at: path)
        try file.checkAddedTokens(at: path)
        self.init(
            lowercases: file.lowercases ?? true, stripsAccents: file.stripsAccents,
            separatesIdeographs: file.separatesIdeographs ?? true,
            specialTokens: file.specialTokens(SpecialTokenNames()))
        // transformers writes 1e30 for "no limit".
        maxLength = file.maxLength.flatMap { $0 >= 1 && $0 < 1e9 ? Int($0) : nil }
    }

    /// Writes a `tokenizer_config.json` that `AutoTokenizer.from_pretrained` of transformers 4 and 5 opens.
    public func write(to path: FilePath) throws(CorpusError) {
        let file = TokenizerConfigurationFile(
            tokenizerClass: "BertTokenizer", lowercases: lowercases, stripsAccents: stripsAccents,
            separatesIdeographs: separatesIdeographs, padding: specialTokens.padding,
            unknown: specialTokens.unknown, classification: specialTokens.classification,
            separator: specialTokens.separator, mask: specialTokens.mask,
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
        try CorpusError.rethrowing(DurableFile.write(Array(data) + [UInt8(ascii: "\n")], to: path))
    }

    /// Classes that tokenize as BertTokenizer does.
    static let readableClasses = Set(
        ["Bert", "Electra", "DistilBert", "MobileBert", "ConvBert"].flatMap {
            ["\($0)Tokenizer", "\($0)TokenizerFast"]
        })
}
