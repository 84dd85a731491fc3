import Corpus
import Distillation
import Models
import Storage
import SystemPackage

/// A data set cannot be generated.
public struct GenerationError: ExplainedError {
    public enum Kind: Sendable, Hashable {
        case noSequences
        /// A full block would have more bytes than the format allows.
        case blocksTooLarge(limit: Int)
        /// Every token of the text is special, or stands for text that the vocabulary cannot spell.
        case nothingToMask
        /// A shard ends where the text does not.
        case otherText
        case tooLong(Int, limit: Int)
        case vocabularyMismatch(tokens: Int, embeddings: Int)
    }

    public let kind: Kind
    public let path: FilePath?

    public init(_ kind: Kind, _ path: FilePath?) {
        self.kind = kind
        self.path = path
    }

    public var blame: Blame {
        if case .blocksTooLarge = kind { return .usage }
        return .data
    }

    public var problem: String {
        switch kind {
        case .noSequences: "the text has no tokens"
        case .blocksTooLarge(let limit):
            "a full block could take more than the \(limit >> 20) MiB that the format allows"
        case .nothingToMask:
            "the text has no token to mask: the vocabulary can spell nothing of it"
        case .otherText: "the shard was made from another text, or by another version of this program"
        case .tooLong(let length, let limit):
            "sequences of \(length) tokens are asked for, the generator takes at most \(limit)"
        case .vocabularyMismatch(let tokens, let embeddings):
            "the vocabulary has \(tokens) tokens, the model \(embeddings) embeddings"
        }
    }

    public var location: ErrorLocation? { path.map { ErrorLocation(file: $0.string) } }

    public var remedy: String {
        switch kind {
        case .noSequences: "Check the input. Bad lines that are skipped give no tokens"
        case .blocksTooLarge: "Store fewer candidates or races, mask a smaller share, or make shorter sequences"
        case .nothingToMask: "Check that the text is in UTF-8 and in a language of the vocabulary"
        case .otherText: "Begin anew in another folder, or remove the shard to make it again"
        case .tooLong: "Ask for shorter sequences"
        case .vocabularyMismatch: "Check that the tokenizer and the model in the folder belong together"
        }
    }
}
