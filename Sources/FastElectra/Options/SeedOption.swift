import ArgumentParser

/// The one source of all randomness.
struct SeedOption: ParsableArguments {
    @Option(help: ArgumentHelp("Seed of all randomness.", valueName: "n"))
    var seed: UInt64 = 1
}
