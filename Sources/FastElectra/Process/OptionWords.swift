import Corpus
import Format
import Generate
import Models
import Replay
import Storage
import Training

/// A library knows no command line: it speaks of sequences and steps, and people here of options.
extension ExplainedError {
    /// As ``description``, with the options that set the wrong values.
    var wordedForCommandLine: String {
        let place = location.map { "\($0): " } ?? ""
        return "\(place)\(problemWithOptions ?? problem). \(remedyWithOptions ?? remedy)."
    }

    private var problemWithOptions: String? {
        guard case .fewerSteps(let before, let now)? = (self as? TrainingError)?.kind else { return nil }
        return "this was begun with --steps \(before), now it is \(now)"
    }

    private var remedyWithOptions: String? {
        if case .tooLong? = (self as? GenerationError)?.kind { return "Give a smaller --max-length" }
        // Other remedies of a wrong manifest stay: one made anew would hide that a shard is lost.
        if self is ShardError, remedy == ShardError.writeManifestAnew {
            return "Let `verify --rebuild-manifest` write it anew from the shards"
        }
        if case .differentModel(let option, _, _)? = (self as? ModelError)?.kind, option != "vocab_size" {
            return "Give its config.json as --preset"
        }
        if let error = self as? ReplayError, error.kind == .temperatureOutOfRange, Invocation.command == "train" {
            return
                "Give temperatures of the range with --temperature, such as constant:\(error.range.minimum), and with"
                + " --eval-temperature"
        }
        if case .sequenceTooLong? = (self as? CorpusError)?.kind {
            return "Give a greater --max-length; or leave out the ids that begin and end it, to have it cut"
        }
        let skipping = "have bad lines left out"
        if remedy.hasSuffix(skipping) {
            return remedy.dropLast(skipping.count) + "skip bad lines with --bad-lines skip"
        }
        let ending = CorpusError.useIDs
        return remedy.hasSuffix(ending) ? remedy.dropLast(" instead".count) + " with --ids" : nil
    }
}
