import Corpus
import Fingerprints
import Format
import Storage
import SystemPackage

/// The tokenizer beside shards, which a model that is trained on them gets.
enum ShardVocabulary {
    /// `nil` if its tokens are those that the shards were made with, and of a folder without a tokenizer that is known here.
    static func fault(of dataset: Dataset) -> ShardError? {
        guard let vocabulary = try? Tokenizer(folder: dataset.folder).vocabulary else { return nil }
        // Ids that the model has and the tokenizer does not, as where embeddings are padded, are empty lines.
        let padding = max(0, dataset.header.vocabularySize - vocabulary.count)
        let bytes = vocabulary.canonicalBytes + Array(repeating: UInt8(ascii: "\n"), count: padding)
        if Fingerprint.hexadecimal(of: bytes) == dataset.header.vocabularySHA256 { return nil }
        return ShardError(
            .otherVocabulary, "the tokenizer in this folder has other tokens than its shards",
            at: ErrorLocation(file: dataset.folder.string))
    }
}
