import Storage

/// Ranks cannot work together, or not any more.
public struct RankError: ExplainedError {
    public enum Kind: Sendable, Hashable {
        /// Ranks that do not answer.
        case missing([Int], seconds: Int)
        /// An error of the message passing library, in its words.
        case transport(String)
        /// A value that is not the same on all ranks.
        case difference(_ name: String, first: String, other: String, rank: Int)
        /// The batch's lanes cannot be shared out evenly.
        case indivisible(lanes: Int, ranks: Int)
        /// Slurm has started more processes than know of each other.
        case strangers(tasks: Int, ranks: Int)
        /// Another rank has ended with an error, which that rank tells.
        case stopped(rank: Int)
    }

    public let kind: Kind
    /// Where each rank runs.
    public let hosts: [String]

    public init(_ kind: Kind, hosts: [String] = []) {
        self.kind = kind
        self.hosts = hosts
    }

    public var blame: Blame {
        switch kind {
        case .missing, .transport, .stopped: .environment
        case .difference, .indivisible, .strangers: .usage
        }
    }

    public var problem: String {
        switch kind {
        case .missing(let ranks, let seconds):
            ranks.map(name).joined(separator: ", ")
                + " \(ranks.count == 1 ? "has" : "have") not answered for \(seconds) seconds"
        case .transport(let words): "MPI: \(words)"
        case .difference(let what, let first, let other, let rank):
            "\(what) is \(first) on \(name(0)), and \(other) on \(name(rank))"
        case .indivisible(let lanes, let ranks):
            "\(lanes) lanes cannot be shared out evenly among \(ranks) ranks"
        case .strangers(let tasks, let ranks):
            "Slurm has started \(tasks) tasks, but here MPI knows \(ranks == 1 ? "this one alone" : "\(ranks) ranks")"
        case .stopped(let rank): "\(name(rank)) has ended with an error"
        }
    }

    public var location: ErrorLocation? { nil }

    public var remedy: String {
        switch kind {
        case .missing:
            "Look after that process and its host, and run the same command again to continue"
        case .transport: "Run the same command again to continue"
        case .difference:
            "Start the same program with the same arguments and the same data on all ranks"
        case .indivisible(let lanes, _):
            "Start as many ranks as lanes, or a half, a quarter and so on: at most \(lanes), and a power of two"
        case .strangers:
            "Start a program that was built with this MPI by mpirun, or by srun with the plug-in that fits;"
                + " unset SLURM_NTASKS to run one process"
        case .stopped: "See what that rank says"
        }
    }

    private func name(_ rank: Int) -> String {
        hosts.indices.contains(rank) ? "rank \(rank) on host \(hosts[rank])" : "rank \(rank)"
    }
}
