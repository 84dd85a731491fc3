import ArgumentParser
import FoundationEssentials

/// How many threads work. Neither shards nor trained weights depend on it.
struct ThreadOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Threads. The default is one for each processor.", valueName: "n"))
    var threads: Int?

    var count: Int { threads ?? ProcessInfo.processInfo.activeProcessorCount }

    func validate() throws {
        if let threads, !(1...1024).contains(threads) {
            throw ValidationError("'--threads' takes 1 to 1024, not \(threads)")
        }
    }
}
