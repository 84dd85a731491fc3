import ArgumentParser
import CLibrary
import KernelChoice
import Ranks
import Synchronization

#if MESSAGE_PASSING
    import MessagePassing
#endif

/// The ranks that this process makes a run with. It is the only one, unless the program was built for MPI and started by it.
enum Job {
    private static let started = Mutex<(any Transport)?>(nil)

    /// Those of the command that runs.
    static var ranks: any Transport { started.withLock { $0 } ?? OneProcess() }

    /// How many seconds a rank waits for another one, before it says so and ends.
    private static let patienceVariable = "FAST_ELECTRA_RANK_TIMEOUT"
    private static let usualPatience = 600

    /// Begins with MPI. To be called by a command that several ranks make together.
    ///
    /// - Throws: where Slurm has started several tasks that do not know of each other: they would all do the same.
    static func start() throws(RankError) -> any Transport {
        #if MESSAGE_PASSING
            let ranks: any Transport = try MessagePassing(
                waitingAtMost: .seconds(number(of: patienceVariable) ?? usualPatience))
        #else
            let ranks: any Transport = OneProcess()
        #endif
        started.withLock { $0 = ranks }
        if ranks.count == 1, let tasks = number(of: "SLURM_NTASKS"), tasks > 1 {
            throw RankError(.strangers(tasks: tasks, ranks: ranks.count))
        }
        return ranks
    }

    private static func number(of variable: String) -> Int? {
        getenv(variable).flatMap { Int(String(cString: $0)) }.flatMap { $0 > 0 ? $0 : nil }
    }

    /// The values that ranks must have in common besides a command's arguments.
    static var commonGround: [String: String] {
        [
            "the program's version": FastElectra.configuration.version,
            // All other sets compute the same bits.
            "the kernels": KernelSet.inUse == .openblas ? "OpenBLAS's" : "the program's own",
        ]
    }

    /// To be called when the command has done its work.
    static func finish() {
        #if MESSAGE_PASSING
            (ranks as? MessagePassing)?.finish()
        #endif
    }

    /// The words that this rank prints when it ends with an error; `nil` where another rank prints the message.
    ///
    /// Where all ranks end together, each message is printed once. Where others work on, or wait in vain, they are ended by
    /// ``leave(_:)``.
    static func words(of error: any Error, _ message: String) -> String? {
        let ranks = ranks
        guard ranks.count > 1 else { return message }
        let kind = (error as? RankError)?.kind
        if case .missing(let missing, _) = kind {
            // They cannot say farewell.
            return speaks(besides: missing) ? named(message) : nil
        }
        var own = message
        if case .stopped = kind { own = "" }
        guard let all = ranks.farewell(own) else {
            isForsaken.withLock { $0 = true }
            return named(message)
        }
        return all.firstIndex(of: all[ranks.rank]) == ranks.rank && !own.isEmpty ? named(message) : nil
    }

    /// Whether this is the first of the ranks that are there.
    private static func speaks(besides missing: [Int]) -> Bool {
        (0..<ranks.count).first { !missing.contains($0) } == ranks.rank
    }

    /// How long, in seconds, the others let the rank speak that speaks for all: the first one writes a checkpoint before.
    private static let lastWords: UInt32 = 60

    /// Whether others do not know that this rank ends.
    private static let isForsaken = Mutex(false)

    private static func named(_ message: String) -> String {
        let ranks = ranks
        return ranks.isFirst
            ? message : "rank \(ranks.rank) on host \(ranks.hosts[ranks.rank]): \(message)"
    }

    /// Ends with MPI after an error.
    static func leave(_ error: any Error, status: Int32) {
        #if MESSAGE_PASSING
            guard let ranks = ranks as? MessagePassing else { return }
            if case .missing(let missing, _) = (error as? RankError)?.kind {
                // Who ends first ends all.
                if !speaks(besides: missing) { sleep(lastWords) }
                ranks.abort(status)
            }
            if isForsaken.withLock({ $0 }) { ranks.abort(status) }
            ranks.finish()
        #endif
    }
}
