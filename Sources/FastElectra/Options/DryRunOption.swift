import ArgumentParser

/// A look at what a command would take, instead of the command.
struct DryRunOption: ParsableArguments {
    @Flag(
        help: ArgumentHelp(
            "Estimate time, memory and disk from some seconds of the work, and write nothing.",
            discussion: "The result also shows all settings, with their defaults."))
    var dryRun = false
}
