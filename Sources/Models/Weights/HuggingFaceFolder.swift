import JSON
import Storage
import SystemPackage

/// The files beside a model in a Hugging Face folder.
public enum HuggingFaceFolder {
    /// The files that a tokenizer may consist of.
    private static let tokenizerFileNames = [
        "vocab.txt", tokenizerConfigurationFileName, "tokenizer.json", "special_tokens_map.json", "vocab.json",
        "merges.txt", "added_tokens.json", "spiece.model", "sentencepiece.bpe.model", "tokenizer.model",
    ]

    /// Those of them that only add to a vocabulary.
    private static let companionFileNames: Set = [
        tokenizerConfigurationFileName, "special_tokens_map.json", "merges.txt", "added_tokens.json",
    ]

    /// Whether `folder` has the vocabulary of a tokenizer, of whatever kind.
    public static func hasTokenizer(_ folder: FilePath) -> Bool {
        tokenizerFiles(of: folder).contains { !companionFileNames.contains($0.lastComponent?.string ?? "") }
    }

    /// Those that `folder` has.
    public static func tokenizerFiles(of folder: FilePath) -> [FilePath] {
        tokenizerFileNames.filter(Folder(folder).contains).map { folder.appending($0) }
    }

    /// The files that decide, beside the weights, the model's results for a text: its configuration and its tokenizer's.
    public static func smallFiles(of folder: FilePath) -> [FilePath] {
        [folder.appending(ModelConfiguration.fileName)] + tokenizerFiles(of: folder)
    }

    /// Copies the tokenizer's files that `source` has.
    public static func copyTokenizer(from source: FilePath, to destination: FilePath) throws {
        for file in tokenizerFiles(of: source) { try Folder(destination).copy(file) }
    }

    /// Notes in `tokenizer_config.json`, if the folder has one, how many tokens the model beside it takes. transformers cuts
    /// texts to `model_max_length`, and without it they may be longer than the model's positions.
    public static func noteLongestSequence(_ tokens: Int, in folder: FilePath) throws {
        let path = folder.appending(tokenizerConfigurationFileName)
        guard Folder(folder).contains(tokenizerConfigurationFileName),
            var configuration = try? JSONValue(parsing: RandomAccessFile.contents(of: path)),
            configuration.members != nil,
            // Its author may want less. transformers writes 1e30 for "no limit".
            !(1...tokens).contains(configuration[longestSequenceName]?.integer ?? 0)
        else { return }
        configuration[longestSequenceName] = .number("\(tokens)")
        try DurableFile.write(configuration.json() + "\n", to: path)
    }

    private static let tokenizerConfigurationFileName = "tokenizer_config.json"
    private static let longestSequenceName = "model_max_length"

    /// A file of the folder as a whole. One that is not there makes the folder a bad one, and no fault of the machine's.
    static func contents(of path: FilePath) throws -> [UInt8] {
        do {
            return try RandomAccessFile.contents(of: path)
        } catch {
            guard error.errno == .noSuchFileOrDirectory else { throw error }
            // A folder that is not there is another error.
            _ = try Folder(path.removingLastComponent()).names()
            throw ModelError(.missingFile(oneOf: [path.lastComponent?.string ?? path.string]), path)
        }
    }
}
