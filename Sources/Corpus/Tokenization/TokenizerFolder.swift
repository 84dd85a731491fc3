import Storage
import SystemPackage

extension WordPieceTokenizer {
    /// The vocabulary's name in a Hugging Face folder.
    public static let vocabularyFileName = "vocab.txt"

    /// Opens the tokenizer of a Hugging Face folder: `vocab.txt`, and `tokenizer_config.json` where there is one.
    public init(folder: FilePath) throws(CorpusError) {
        let names = try withFile { () throws(FileError) in try Folder(folder).names() }
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
        try withFile { () throws(FileError) in try Folder(folder).create() }
        try vocabulary.write(to: folder.appending(Self.vocabularyFileName))
        try configuration.write(to: folder.appending(TokenizerConfiguration.fileName))
    }
}
