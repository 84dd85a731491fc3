import Corpus
import Models
import SystemPackage

extension ModelConfiguration {
    /// Refuses a tokenizer or a length that the encoder cannot take.
    ///
    /// - Parameter maxLength: `nil` asks for no length in particular.
    public func check(_ tokenizer: Tokenizer, maxLength: Int?, folder: FilePath) throws {
        try encoder.checkEmbeddings(ofTokens: tokenizer.vocabulary.count, folder: folder)
        let (length, limit) = (maxLength ?? TextEncoder.leastLength, encoder.maximumSequenceLength)
        if length > limit { throw FinetuningError(.tooLong(length, limit: limit), folder) }
    }

    /// Whether the encoder knows a type for the second text of a pair.
    public var hasTokenTypes: Bool { encoder.tokenTypeCount > 1 }
}
