import ArgumentParser
import Ranks
import Terminal

/// How people are told how far the work is, on standard error.
struct ProgressOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How to show progress.",
            discussion:
                "auto: a bar on a terminal; elsewhere lines as with plain, except for work of a few seconds. plain: a line after a"
                + " few seconds, then one a minute, and one at the end."))
    var progress: ProgressStyle = .auto

    /// Of several ranks, the first one alone shows how far it is.
    var style: ProgressStyle { Job.ranks.rank == 0 ? progress : .none }
}

extension ProgressStyle: ExpressibleByArgument {}
