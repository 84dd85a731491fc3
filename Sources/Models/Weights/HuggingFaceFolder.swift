import Storage
import SystemPackage

/// What lies beside a model in a Hugging Face folder.
public enum HuggingFaceFolder {
    /// The files that a tokenizer may consist of.
    public static let tokenizerFiles = [
        "vocab.txt", "tokenizer_config.json", "tokenizer.json", "special_tokens_map.json", "vocab.json", "merges.txt",
        "added_tokens.json", "spiece.model", "sentencepiece.bpe.model", "tokenizer.model",
    ]

    /// Copies the tokenizer's files that `source` has.
    public static func copyTokenizer(from source: FilePath, to destination: FilePath) throws {
        for name in tokenizerFiles where Folder(source).contains(name) {
            try DurableFile.write(
                RandomAccessFile.contents(of: source.appending(name)), to: destination.appending(name))
        }
    }

    /// A file of the folder as a whole. One that is not there makes the folder a bad one, and no fault of the machine's.
    static func contents(of path: FilePath) throws -> [UInt8] {
        do {
            return try RandomAccessFile.contents(of: path)
        } catch {
            guard error.errno == .noSuchFileOrDirectory else { throw error }
            throw ModelError(.missingFile(oneOf: [path.lastComponent?.string ?? path.string]), path)
        }
    }
}
