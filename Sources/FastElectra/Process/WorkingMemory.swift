import FoundationEssentials
import Storage
import Terminal
import Training

/// The memory of the machine, beside what a training run will take of it. Without a look ahead the kernel would end the
/// process in the midst of the work.
enum WorkingMemory {
    /// Refuses a run that cannot fit, and says beforehand what a large one takes.
    static func require(_ memory: TrainingMemory, threads: Int, longestSequence: Int) throws {
        let machine = ProcessInfo.processInfo.physicalMemory
        let cost =
            "training takes about \(Quantity.bytes(memory.byteCount)) with sequences of up to"
            + " \(Quantity.count(longestSequence)) tokens and \(Quantity.count(threads)) \(threads == 1 ? "thread" : "threads")"
        let room = Quantity.bytes(Int(clamping: machine))
        switch memory.fit(into: machine) {
        case .comfortable: break
        case .large:
            TerminalDevice.standardError.write(
                "fast-electra: warning: \(cost); this machine has \(room) of memory.\n")
        case .impossible: throw TooMuch(cost: cost, room: room)
        }
    }

    private struct TooMuch: ExplainedError {
        let cost: String
        let room: String

        var blame: Blame { .environment }
        var problem: String { "\(cost), but this machine has \(room) of memory" }
        var location: ErrorLocation? { nil }
        var remedy: String { "Use shorter sequences, fewer threads or a smaller model" }
    }
}
