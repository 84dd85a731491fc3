import JSON
import Storage
import SystemPackage

extension Tokenizer {
    /// Opens the tokenizer of a Hugging Face folder: the tokenizer that `tokenizer.json` describes; else WordPiece with
    /// `vocab.txt`; else byte-level BPE with `vocab.json` and `merges.txt`. `tokenizer_config.json` has the settings and
    /// the names of the special tokens.
    ///
    /// Where `tokenizer.json` is there the other files of the vocabulary are not read, as in transformers.
    public init(folder: FilePath) throws(CorpusError) {
        let names = try CorpusError.rethrowing(Folder(folder).names())
        if names.contains(TokenizerFile.name) {
            let configuration: TokenizerConfigurationFile? =
                names.contains(TokenizerConfiguration.fileName)
                ? try TokenizerConfigurationFile(contentsOf: folder.appending(TokenizerConfiguration.fileName)) : nil
            self = try TokenizerFile(folder.appending(TokenizerFile.name)).tokenizer(configuration)
        } else if names.contains(WordPieceTokenizer.vocabularyFileName) {
            self = .wordPiece(try WordPieceTokenizer(folder: folder))
        } else if names.contains(ByteLevelTokenizer.vocabularyFileName) {
            self = .byteLevel(try ByteLevelTokenizer(folder: folder))
        } else {
            throw CorpusError(
                .noTokenizer, "the folder has no tokenizer", at: ErrorLocation(file: folder.string),
                remedy: "Put \(TokenizerFile.name), \(WordPieceTokenizer.vocabularyFileName), or "
                    + "\(ByteLevelTokenizer.vocabularyFileName) with \(ByteLevelTokenizer.mergesFileName) there, or "
                    + CorpusError.useIDs)
        }
        if !names.contains(TokenizerFile.name), names.contains(Self.addedTokensFileName) {
            try checkAddedTokens(folder.appending(Self.addedTokensFileName))
        }
    }

    /// Tokens added to `vocab.txt` or `vocab.json`, with their ids.
    private static let addedTokensFileName = "added_tokens.json"

    /// Refuses tokens that were added to be found in text.
    private func checkAddedTokens(_ path: FilePath) throws(CorpusError) {
        for (name, _) in try TokenizerFile.json(path).members ?? []
        where !vocabulary.specialTokens.all.contains(name) {
            throw CorpusError.unsupported("the added token \"\(name)\", which is not special", path)
        }
    }
}

extension WordPieceTokenizer {
    /// The vocabulary's name in a Hugging Face folder.
    public static let vocabularyFileName = "vocab.txt"

    /// Opens `vocab.txt`, and `tokenizer_config.json` where there is one.
    public init(folder: FilePath) throws(CorpusError) {
        let names = try CorpusError.rethrowing(Folder(folder).names())
        var configuration = TokenizerConfiguration()
        if names.contains(TokenizerConfiguration.fileName) {
            configuration = try TokenizerConfiguration(
                contentsOf: folder.appending(TokenizerConfiguration.fileName))
        }
        let vocabulary = try Vocabulary(
            contentsOf: folder.appending(Self.vocabularyFileName), specialTokens: configuration.specialTokens)
        self.init(vocabulary: vocabulary, configuration: configuration)
    }

    /// Writes `vocab.txt` and `tokenizer_config.json` into `folder`, which is made where missing.
    public func write(to folder: FilePath) throws(CorpusError) {
        try CorpusError.rethrowing(Folder(folder).create())
        try vocabulary.write(to: folder.appending(Self.vocabularyFileName))
        try configuration.write(to: folder.appending(TokenizerConfiguration.fileName))
    }
}

extension ByteLevelTokenizer {
    /// The names of its two files in a Hugging Face folder.
    public static let vocabularyFileName = "vocab.json"
    public static let mergesFileName = "merges.txt"

    /// Classes of transformers that tokenize as RobertaTokenizer does.
    static let readableClasses: Set<String> = ["RobertaTokenizer", "RobertaTokenizerFast"]

    /// Opens `vocab.json`, `merges.txt`, and `tokenizer_config.json` where there is one.
    public init(folder: FilePath) throws(CorpusError) {
        let names = try CorpusError.rethrowing(Folder(folder).names())
        var specialTokens = SpecialTokenNames.roberta
        var addsPrefixSpace = false
        if names.contains(TokenizerConfiguration.fileName) {
            let path = folder.appending(TokenizerConfiguration.fileName)
            let configuration = try TokenizerConfigurationFile(contentsOf: path)
            try configuration.checkClass(Self.readableClasses, "byte-level BPE", at: path)
            try configuration.checkAddedTokens(at: path)
            specialTokens = configuration.specialTokens(specialTokens)
            addsPrefixSpace = configuration.addsPrefixSpace ?? false
        }
        let path = folder.appending(Self.vocabularyFileName)
        guard let entries = try TokenizerFile.json(path).members else {
            throw TokenizerFile.malformed("this is not a JSON object of tokens and ids", path)
        }
        let vocabulary = try Vocabulary(
            TokenizerFile.inOrder(entries, path), specialTokens: specialTokens, file: path.string, hasLines: false,
            spellsEverything: true)
        let merges = try Self.merges(folder.appending(Self.mergesFileName))
        try self.init(vocabulary: vocabulary, merges: merges, addsPrefixSpace: addsPrefixSpace, file: path.string)
    }

    /// One pair a line, its tokens with a space between; a line that begins with `#version` says nothing.
    private static func merges(_ path: FilePath) throws(CorpusError) -> [(String, String)] {
        guard Folder(path.removingLastComponent()).contains(mergesFileName) else {
            throw CorpusError(
                .noTokenizer, "\(mergesFileName) is missing beside \(vocabularyFileName)",
                at: ErrorLocation(file: path.string), remedy: "Take it from the model's folder")
        }
        let bytes = try CorpusError.rethrowing(RandomAccessFile.contents(of: path))
        var merges: [(String, String)] = []
        for (index, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            let text = String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)
            if text.isEmpty || text.hasPrefix("#version") { continue }
            let pair = text.split(separator: " ", omittingEmptySubsequences: false)
            guard pair.count == 2, !pair[0].isEmpty, !pair[1].isEmpty else {
                throw CorpusError(
                    .malformedConfiguration, "a merge is two tokens with a space between",
                    at: ErrorLocation(file: path.string, .line(index + 1)),
                    remedy: "Take the file from the model's folder again")
            }
            merges.append((String(pair[0]), String(pair[1])))
        }
        return merges
    }
}
