import ArgumentParser
import FoundationEssentials

/// How many threads work. Shards do not depend on it; trained weights do in the last bits, since sums of gradients round
/// differently.
struct ThreadOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Threads; all processors if left out.", valueName: "n"))
    var threads: Int?

    var count: Int { threads ?? ProcessInfo.processInfo.activeProcessorCount }

    func validate() throws {
        if let threads, !(1...1024).contains(threads) {
            throw ValidationError("'--threads' takes 1 to 1024, not \(threads)")
        }
    }
}
