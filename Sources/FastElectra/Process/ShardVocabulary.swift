import Corpus
import Fingerprints
import Format
import Storage
import SystemPackage

/// The tokenizer beside shards, which a model that is trained on them gets.
enum ShardVocabulary {
    /// Whether its tokens are those that the shards were made with. A folder without a tokenizer that is known here says
    /// nothing about them.
    static func fault(of dataset: Dataset) -> ShardError? {
        guard let tokenizer = try? Tokenizer(folder: dataset.folder),
            Fingerprint.hexadecimal(of: tokenizer.vocabulary.canonicalBytes) != dataset.header.vocabularySHA256
        else { return nil }
        return ShardError(
            .otherVocabulary, "the tokenizer in this folder has other tokens than its shards",
            at: ErrorLocation(file: dataset.folder.string))
    }
}
