import ArgumentParser

/// A look at what a command would take, instead of the command.
struct DryRunOption: ParsableArguments {
    @Flag(
        help: ArgumentHelp(
            "Tell what this takes (time, memory, disk) from some seconds of the work, and write nothing.",
            discussion: "It tells the settings, too, those that are left out included."))
    var dryRun = false
}
