import Corpus
import Fingerprints
import Format
import Storage
import SystemPackage

/// The tokenizer beside shards, which a model that is trained on them gets.
enum ShardVocabulary {
    /// The tokenizer; `nil` of a folder without one that is known here.
    ///
    /// - Throws: ``ShardError/Kind/otherVocabulary`` if the shards were made with other tokens.
    static func tokenizer(of header: ShardHeader, in folder: FilePath) throws(ShardError) -> Tokenizer? {
        guard let tokenizer = try? Tokenizer(folder: folder) else { return nil }
        // Ids that the model has and the tokenizer does not, as where embeddings are padded, are empty lines.
        let padding = max(0, header.vocabularySize - tokenizer.vocabulary.count)
        let bytes = tokenizer.vocabulary.canonicalBytes + Array(repeating: UInt8(ascii: "\n"), count: padding)
        if Fingerprint.hexadecimal(of: bytes) == header.vocabularySHA256 { return tokenizer }
        throw ShardError(
            .otherVocabulary, "the tokenizer in this folder has other tokens than its shards",
            at: ErrorLocation(file: folder.string))
    }

    /// Refuses a tokenizer with other tokens than those of the data set.
    static func check(_ dataset: Dataset) throws(ShardError) {
        _ = try tokenizer(of: dataset.header, in: dataset.folder)
    }
}
