import Storage
import SystemPackage

/// A training run cannot start or go on.
public struct TrainingError: ExplainedError {
    public enum Kind: Sendable, Hashable {
        case malformedState(String)
        case notFinite(_ what: String, step: Int)
        case noSequences
        case incompleteShards
        case mismatch(_ name: String, here: String, there: String, _ other: String)
    }

    public let kind: Kind
    public let path: FilePath

    public init(_ kind: Kind, _ path: FilePath) {
        self.kind = kind
        self.path = path
    }

    public var blame: Blame {
        switch kind {
        case .malformedState, .noSequences, .incompleteShards, .mismatch: .data
        case .notFinite: .environment
        }
    }

    public var problem: String {
        switch kind {
        case .malformedState(let detail): "the state of the run cannot be read: \(detail)"
        case .notFinite(let what, let step): "the \(what) is not finite at step \(step)"
        case .noSequences: "there is no sequence to train on"
        case .incompleteShards: "the data set is not complete"
        case .mismatch(let name, let here, let there, let other): "\(name) is \(here) here and \(there) in \(other)"
        }
    }

    public var location: ErrorLocation? { ErrorLocation(file: path.string) }

    public var remedy: String {
        switch kind {
        case .malformedState: "Remove this folder to continue from the one before it"
        case .notFinite:
            "The last checkpoint, if there is one, is intact: lower the learning rate, or lengthen the warm-up, in a new folder that starts"
                + " from it"
        case .noSequences: "Check the input"
        case .incompleteShards: "Run the same `generate` command again: it continues"
        case .mismatch: "Generate both with the same vocabulary"
        }
    }
}
