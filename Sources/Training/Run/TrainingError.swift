import Storage
import SystemPackage

/// A training run cannot start or go on.
public struct TrainingError: ExplainedError {
    public enum Kind: Sendable, Hashable {
        case malformedState(String)
        case damagedCheckpoints([CheckpointDamage])
        /// - Parameters:
        ///   - step: the update that was not made, counted from 1.
        ///   - sequences: those of its batch, by their numbers in the data.
        case notFinite(_ what: String, step: Int, sequences: [UInt64])
        case evaluationNotFinite(step: Int)
        case parametersNotFinite(step: Int)
        case fewerSteps(before: Int, now: Int)
        case tooManyEpochs(Double)
        case noSequences
        case incompleteShards
        /// A model to start from has other tokens than the shards.
        case otherVocabulary
        case sameShards(_ other: String)
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
        case .malformedState, .damagedCheckpoints, .noSequences, .incompleteShards, .mismatch, .otherVocabulary: .data
        case .notFinite, .evaluationNotFinite, .parametersNotFinite: .environment
        case .fewerSteps, .tooManyEpochs, .sameShards: .usage
        }
    }

    public var problem: String {
        switch kind {
        case .malformedState(let detail): "the state of the run cannot be read: \(detail)"
        case .damagedCheckpoints(let damages):
            "no checkpoint is whole: " + damages.map { "in \($0.name), \($0.detail)" }.joined(separator: "; ")
        case .notFinite(let what, let step, let sequences):
            "the \(what) is not finite at step \(step), of sequences \(Self.list(sequences))"
        case .evaluationNotFinite(let step): "the loss on held-out sequences is not finite after step \(step)"
        case .parametersNotFinite(let step): "the parameters are not finite, or absurdly large, after step \(step)"
        case .fewerSteps(let before, let now): "this was begun for \(before) steps, now it is \(now)"
        case .tooManyEpochs(let epochs):
            "the run would see each sequence \(UInt64(epochs)) times; at most"
                + " \(SequenceVisit.maximumEpochs) are possible"
        case .noSequences: "there are no sequences"
        case .incompleteShards: "the data set is not complete"
        case .otherVocabulary: "the model to start from has another vocabulary than the shards"
        case .sameShards(let other): "these shards are given twice: \(other) holds the same ones"
        case .mismatch(let name, let here, let there, let other): "\(name) is \(here) here and \(there) in \(other)"
        }
    }

    public var location: ErrorLocation? { ErrorLocation(file: path.string) }

    public var remedy: String {
        switch kind {
        case .malformedState: "Remove this folder to continue from the one before it"
        case .damagedCheckpoints:
            "Put back a copy of one of them, or begin anew in another folder"
        case .notFinite, .evaluationNotFinite, .parametersNotFinite:
            "The last checkpoint, if there is one, is intact: lower the learning rate, or lengthen the warm-up, in a new folder that starts"
                + " from it"
        case .fewerSteps: "Give as many or more to continue, or another folder to begin anew"
        case .tooManyEpochs: "Train for fewer steps, or on more sequences"
        case .noSequences: "Check the input"
        case .incompleteShards: "Run the same `generate` command again: it continues"
        case .otherVocabulary: "Start from a model with the vocabulary of the shards, such as their generator"
        case .sameShards: "Give them once, with the sum of the weights"
        case .mismatch: "Generate both with the same vocabulary"
        }
    }

    /// The first few, and how many there are.
    private static func list(_ sequences: [UInt64]) -> String {
        let shown = sequences.prefix(8).map(String.init).joined(separator: ", ")
        return sequences.count > 8 ? "\(shown), ... (\(sequences.count) in all)" : shown
    }
}
