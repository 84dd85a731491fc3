import Storage
import SystemPackage

/// Sentences cannot be scored.
public struct ScoringError: ExplainedError {
    public enum Kind: Sendable, Hashable {
        case noPairs
        case sentenceTooLong(limit: Int)
        case vocabularyTooLarge(tokens: Int, embeddings: Int)
        case notADiscriminator
        case notAGenerator
        case differentTokens
    }

    public let kind: Kind
    public let path: FilePath
    public let line: Int?

    init(_ kind: Kind, _ path: FilePath, line: Int? = nil) {
        self.kind = kind
        self.path = path
        self.line = line
    }

    public var blame: Blame { .data }

    public var problem: String {
        switch kind {
        case .noPairs: "the file has no pairs of sentences"
        case .sentenceTooLong(let limit): "a sentence has more than the \(limit) tokens that the model takes"
        case .vocabularyTooLarge(let tokens, let embeddings):
            "the tokenizer has \(tokens) tokens, the model embeddings of \(embeddings)"
        case .notADiscriminator: "the model beside a generator is not a discriminator"
        case .notAGenerator: "the generator is not a masked language model"
        case .differentTokens: "discriminator and generator make different tokens of a sentence"
        }
    }

    public var location: ErrorLocation? { ErrorLocation(file: path.string, line.map { .line($0) }) }

    public var remedy: String {
        switch kind {
        case .noPairs: #"Give one JSON object a line, as in {"sentence_good": "...", "sentence_bad": "..."}"#
        case .sentenceTooLong: "Leave the pair out, or take a model of more positions"
        case .vocabularyTooLarge: "Take both from the same model"
        case .notADiscriminator: "Score a masked language model alone"
        case .notAGenerator: "Name the masked language model that the shards come from"
        case .differentTokens: "Name the masked language model that the discriminator's shards come from"
        }
    }
}
