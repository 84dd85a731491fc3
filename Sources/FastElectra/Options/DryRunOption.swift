import ArgumentParser
import Ranks

/// An estimate of a command's time, memory and disk, instead of the command.
struct DryRunOption: ParsableArguments {
    @Flag(
        help: ArgumentHelp(
            "Estimate time, memory and disk from some seconds of the work, and write nothing.",
            discussion: "The result also shows all settings that decide the result, with their defaults."))
    var dryRun = false

    /// Refuses several ranks: each would make its own number of updates, and the others would wait.
    func requireOneProcess(among ranks: some Transport) throws {
        if dryRun, ranks.count > 1 {
            throw ValidationError("'--dry-run' works in one process, not in \(ranks.count) ranks")
        }
    }
}
