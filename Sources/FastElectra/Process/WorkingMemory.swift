import FoundationEssentials
import Models
import Storage
import Terminal
import Training

/// The memory of the machine, compared with the memory that a piece of work will take. Without a look ahead the kernel
/// would end the process in the midst of the work.
enum WorkingMemory {
    enum Work: String {
        case training
        case generating

        var remedy: String {
            switch self {
            case .training: "Use shorter sequences, fewer threads or a smaller model"
            case .generating: "Use shorter sequences, fewer threads, fewer candidates or a smaller generator"
            }
        }
    }

    /// Refuses work that cannot fit, and tells beforehand how much memory large work takes.
    static func require(_ memory: some MemoryEstimate, for work: Work, threads: Int, longestSequence: Int) throws {
        let machine = ProcessInfo.processInfo.physicalMemory
        let cost =
            "\(work.rawValue) takes about \(Quantity.bytes(memory.byteCount)) with sequences of up to"
            + " \(Quantity.count(longestSequence)) tokens and \(Quantity.count(threads)) \(threads == 1 ? "thread" : "threads")"
        let room = Quantity.bytes(Int(clamping: machine))
        switch memory.fit(into: machine) {
        case .comfortable: break
        case .large:
            Warning.show("\(cost); this machine has \(room) of memory")
        case .impossible: throw TooMuch(cost: cost, room: room, remedy: work.remedy)
        }
    }

    private struct TooMuch: ExplainedError {
        let cost: String
        let room: String
        let remedy: String

        var blame: Blame { .environment }
        var problem: String { "\(cost), but this machine has \(room) of memory" }
        var location: ErrorLocation? { nil }
    }
}
