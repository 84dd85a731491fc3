import JSON
import Storage
import SystemPackage

extension TokenizerFile {
    /// The tokenizer that the file describes.
    ///
    /// - Parameter configuration: the folder's `tokenizer_config.json`, which names the special tokens. Where it names one of
    ///   transformers' own classes, that class is made from its settings and not from this file's: the two must agree.
    func tokenizer(_ configuration: TokenizerConfigurationFile?) throws(CorpusError) -> Tokenizer {
        switch modelType {
        case "WordPiece": .wordPiece(try wordPiece(configuration))
        case "BPE": .byteLevel(try byteLevel(configuration))
        case LetterTokenizer.modelType: .letters(try letters(configuration))
        default: throw CorpusError.unsupported("the model \(modelType)", path, .name("model.type"))
        }
    }

    /// Classes of transformers that take this file as it is.
    static let genericClasses: Set<String> = ["PreTrainedTokenizerFast", "TokenizersBackend"]

    private var configurationPath: FilePath {
        path.removingLastComponent().appending(TokenizerConfiguration.fileName)
    }

    private func wordPiece(_ configuration: TokenizerConfigurationFile?) throws(CorpusError) -> WordPieceTokenizer {
        try check(model, "model", "continuing_subword_prefix", "\"##\"")
        try check(model, "model", "max_input_chars_per_word", "100")
        guard let normalizer = try step("normalizer", "BertNormalizer") else {
            throw CorpusError.unsupported("no normalizer", path, .name("normalizer"))
        }
        guard try step("pre_tokenizer", "BertPreTokenizer") != nil else {
            throw CorpusError.unsupported("no pre-tokenizer", path, .name("pre_tokenizer"))
        }
        try check(normalizer, "normalizer", "clean_text", "true")
        var settings = TokenizerConfiguration(
            lowercases: try flag(normalizer, "normalizer", "lowercase"),
            stripsAccents: normalizer["strip_accents"]?.truth,
            separatesIdeographs: try flag(normalizer, "normalizer", "handle_chinese_chars"))
        settings.specialTokens = try specialTokens(SpecialTokenNames(), configuration)
        if let unknown = model["unk_token"]?.text, unknown != settings.specialTokens.unknown {
            throw disagreement("unk_token", unknown, settings.specialTokens.unknown)
        }
        try configuration?.checkAddedTokens(at: configurationPath)
        if let configuration, !Self.genericClasses.contains(configuration.tokenizerClass ?? "") {
            let classes = TokenizerConfiguration.readableClasses.union(Self.genericClasses)
            try configuration.checkClass(classes, "BERT WordPiece", at: configurationPath)
            let stated = try TokenizerConfiguration(configuration, at: configurationPath)
            settings.maxLength = stated.maxLength
            if configuration.tokenizerClass != nil {
                let accents = (settings.stripsAccents ?? settings.lowercases, stated.stripsAccents ?? stated.lowercases)
                try agree("do_lower_case", settings.lowercases, stated.lowercases)
                try agree("strip_accents", accents.0, accents.1)
                try agree("tokenize_chinese_chars", settings.separatesIdeographs, stated.separatesIdeographs)
            }
        }
        let vocabulary = try Vocabulary(
            tokens(), specialTokens: settings.specialTokens, file: path.string, hasLines: false)
        return WordPieceTokenizer(vocabulary: vocabulary, configuration: settings)
    }

    private func byteLevel(_ configuration: TokenizerConfigurationFile?) throws(CorpusError) -> ByteLevelTokenizer {
        try check(model, "model", "dropout", "null", "0.0", "0")
        try check(model, "model", "continuing_subword_prefix", "null", "\"\"")
        try check(model, "model", "end_of_word_suffix", "null", "\"\"")
        try check(model, "model", "byte_fallback", "null", "false")
        try check(model, "model", "ignore_merges", "null", "false")
        _ = try step("normalizer")
        guard let preTokenizer = try step("pre_tokenizer", "ByteLevel") else {
            throw CorpusError.unsupported("no pre-tokenizer", path, .name("pre_tokenizer"))
        }
        try check(preTokenizer, "pre_tokenizer", "use_regex", "null", "true")
        let addsPrefixSpace = try flag(preTokenizer, "pre_tokenizer", "add_prefix_space")
        if let configuration {
            let classes = ByteLevelTokenizer.readableClasses.union(Self.genericClasses)
            try configuration.checkClass(classes, "byte-level BPE", at: configurationPath)
            try configuration.checkAddedTokens(at: configurationPath)
            if let name = configuration.tokenizerClass, !Self.genericClasses.contains(name) {
                try agree("add_prefix_space", addsPrefixSpace, configuration.addsPrefixSpace ?? false)
            }
        }
        let vocabulary = try Vocabulary(
            tokens(), specialTokens: specialTokens(.roberta, configuration), file: path.string, hasLines: false,
            spellsEverything: true)
        return try ByteLevelTokenizer(
            vocabulary: vocabulary, merges: merges(), addsPrefixSpace: addsPrefixSpace, file: path.string)
    }

    /// Words are single characters where the text is cut behind each.
    private func letters(_ configuration: TokenizerConfigurationFile?) throws(CorpusError) -> LetterTokenizer {
        if let configuration {
            try configuration.checkClass(Self.genericClasses, "generic", at: configurationPath)
            try configuration.checkAddedTokens(at: configurationPath)
        }
        let names = try specialTokens(SpecialTokenNames(), configuration)
        if let unknown = model["unk_token"]?.text, unknown != names.unknown {
            throw disagreement("unk_token", unknown, names.unknown)
        }
        let tokenizer = LetterTokenizer(
            vocabulary: try Vocabulary(tokens(), specialTokens: names, file: path.string, hasLines: false))
        guard let normalizer = try step("normalizer", "Sequence"),
            let preTokenizer = try step("pre_tokenizer", "Split"),
            tokenizer.agrees(withNormalizer: normalizer, preTokenizer: preTokenizer)
        else {
            throw CorpusError.unsupported(
                "the model WordLevel with other steps than those that cut text into letters", path,
                .name("pre_tokenizer"))
        }
        return tokenizer
    }

    /// Pairs, written as two strings or as one with a space between.
    private func merges() throws(CorpusError) -> [(String, String)] {
        try (model["merges"]?.elements ?? []).enumerated().map { (index, merge) throws(CorpusError) in
            let pair = merge.elements?.map { $0.text ?? "" } ?? merge.text?.split(separator: " ").map { String($0) }
            guard let pair, pair.count == 2, !pair[0].isEmpty, !pair[1].isEmpty else {
                throw Self.malformed("merge \(index + 1) is not two tokens", path)
            }
            return (pair[0], pair[1])
        }
    }

    private func flag(_ part: JSONValue, _ partName: String, _ key: String) throws(CorpusError) -> Bool {
        guard let value = part[key]?.truth else {
            throw Self.malformed("\(partName).\(key) is neither true nor false", path)
        }
        return value
    }

    private func specialTokens(
        _ defaults: SpecialTokenNames, _ configuration: TokenizerConfigurationFile?
    ) throws(CorpusError) -> SpecialTokenNames {
        let ends = try sequenceEnds()
        var tokens = defaults
        tokens.classification = ends?.first ?? tokens.classification
        tokens.separator = ends?.last ?? tokens.separator
        tokens = configuration?.specialTokens(tokens) ?? tokens
        if let ends, ends.first != tokens.classification {
            throw disagreement("cls_token", ends.first, tokens.classification)
        }
        if let ends, ends.last != tokens.separator { throw disagreement("sep_token", ends.last, tokens.separator) }
        return tokens
    }

    private func agree(_ key: String, _ here: Bool, _ stated: Bool) throws(CorpusError) {
        if here != stated { throw disagreement(key, "\(here)", "\(stated)") }
    }

    private func disagreement(_ key: String, _ here: String, _ stated: String) -> CorpusError {
        CorpusError(
            .malformedConfiguration,
            "\(key) is \(here) in \(Self.name) and \(stated) in \(TokenizerConfiguration.fileName) or by default",
            at: ErrorLocation(file: configurationPath.string, .name(key)),
            remedy: "Correct \(TokenizerConfiguration.fileName): which of the two counts depends on who reads them")
    }
}
