import ArgumentParser
import SystemPackage

/// Options from a file. ``Invocation`` has read them into the command line before it is parsed.
struct ConfigurationOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Options from a file: TOML, JSON, or the run.json of a run, which repeats it.",
            discussion:
                "Names are those of the options without the two dashes in front, as in batch-size = 32. Tables such as [train] have the options of one"
                + " command. Options above all tables are for each command that reads the file. The command line wins over the file. A run.json has no --out.",
            valueName: "file"), completion: .file(extensions: ["toml", "json"]))
    var config: FilePath?
}
