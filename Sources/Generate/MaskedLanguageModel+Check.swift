import Models
import SystemPackage

extension MaskedLanguageModel {
    /// Refuses a tokenizer or a length that the model cannot take.
    ///
    /// Where embeddings outnumber tokens (padding to a multiple of 64 is common) the model could draw a replacement that no
    /// tokenizer knows, so both numbers have to be the same.
    public func check(vocabularySize: Int, maxLength: Int, folder: FilePath) throws(GenerationError) {
        if vocabularySize != configuration.vocabularySize {
            throw GenerationError(
                .vocabularyMismatch(tokens: vocabularySize, embeddings: configuration.vocabularySize), folder)
        }
        if maxLength > configuration.maximumSequenceLength {
            throw GenerationError(.tooLong(maxLength, limit: configuration.maximumSequenceLength), folder)
        }
    }
}
