import Kernels

/// Several processes that make one run together, and how data goes from one to another: the *ranks* of MPI.
///
/// A transport moves data and computes nothing: a library's own sums would round as it likes. All ranks make the same calls in the
/// same order, on one thread. A call returns when its data is there, or fails when another rank lets it wait too long.
public protocol Transport: Sendable {
    /// This process, from 0.
    var rank: Int { get }
    /// Processes in all.
    var count: Int { get }
    /// Where each rank runs.
    var hosts: [String] { get }
    /// Time spent in these calls so far, in seconds.
    var secondsSpent: Double { get }

    /// Gives each rank the bytes of every rank, in the order of the ranks.
    ///
    /// - Parameter patience: how long the others are waited for; `nil` for as long as it takes.
    func gather(_ bytes: [UInt8], patience: Patience) throws(RankError) -> [[UInt8]]

    /// Sends floats to another rank, and receives floats that it sends in the same call.
    func exchange(
        with partner: Int, sending: Span<Float>, receiving: inout MutableSpan<Float>
    ) throws(RankError)

    /// Gives all ranks the floats of rank 0.
    func broadcast(_ floats: FloatBuffer) throws(RankError)

    /// Tells the others that this rank ends with an error, and learns whether they do, too.
    ///
    /// - Returns: the words that each rank ends with; `nil` where some rank works on.
    func farewell(_ words: String) -> [String]?
}

/// How long a rank waits for the others.
public enum Patience: Sendable {
    /// As long as the job says.
    case usual
    /// Forever: the others are known to work for themselves.
    case endless
}

/// A run of one process.
public struct OneProcess: Transport {
    public init() {}

    public var rank: Int { 0 }
    public var count: Int { 1 }
    public var hosts: [String] { [""] }
    public var secondsSpent: Double { 0 }

    public func gather(_ bytes: [UInt8], patience: Patience) -> [[UInt8]] { [bytes] }

    public func exchange(with partner: Int, sending: Span<Float>, receiving: inout MutableSpan<Float>) {
        preconditionFailure("there is nobody to talk to")
    }

    public func broadcast(_ floats: FloatBuffer) {}

    public func farewell(_ words: String) -> [String]? { [words] }
}
