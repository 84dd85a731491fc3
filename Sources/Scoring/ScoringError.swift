import Storage
import SystemPackage

/// Sentences cannot be scored.
public struct ScoringError: ExplainedError {
    public enum Kind: Sendable, Hashable {
        case noPairs
        case sentenceTooLong(limit: Int)
        case emptySentence
        case notFinite
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
        case .emptySentence: "a sentence has no token"
        case .notFinite: "the model's score of a sentence is not a finite number"
        case .sentenceTooLong(let limit): "a sentence has more than the \(limit) tokens that the model takes"
        }
    }

    public var location: ErrorLocation? { ErrorLocation(file: path.string, line.map { .line($0) }) }

    public var remedy: String {
        switch kind {
        case .noPairs: #"Give one JSON object a line, as in {"sentence_good": "...", "sentence_bad": "..."}"#
        case .emptySentence: "Leave the pair out, or complete it"
        case .notFinite: "Check the model's weights: they overflow or are damaged"
        case .sentenceTooLong: "Leave the pair out, or take a model of more positions"
        }
    }
}
