import CLibrary
import CMPI
import Kernels
import Ranks
import Synchronization

/// Ranks that MPI has started: Open MPI's or MPICH's `mpirun`, or Slurm's `srun`.
///
/// Every message goes from one rank to one other, and is waited for with a time limit: so the rank that does not answer can be named,
/// which no collective call of MPI could. All calls are made on the thread that began (`MPI_THREAD_FUNNELED`).
public final class MessagePassing: Transport {
    public let rank: Int
    public let count: Int
    public let hosts: [String]
    private let limit: Duration
    private let spent = Mutex(Duration.zero)

    public var secondsSpent: Double { spent.withLock { $0 } / .seconds(1) }

    /// The subject of a message.
    private enum Tag: Int32 {
        case length = 1
        case bytes = 2
        case floats = 3
        case farewell = 4
    }

    /// Begins with MPI. To be called once in a process.
    ///
    /// - Parameter limit: how long a rank is waited for.
    public init(waitingAtMost limit: Duration) throws(RankError) {
        self.limit = limit
        let error = mpi_start()
        if error != 0 { throw RankError(.transport(Self.words(error))) }
        rank = Int(mpi_rank())
        count = Int(mpi_count())
        let names = try Messages(to: count, besides: rank, hosts: []).gather(
            Array(Self.thisHost.utf8), tags: (Tag.length.rawValue, Tag.bytes.rawValue), limit: limit)
        hosts = names.map { String(decoding: $0, as: UTF8.self) }
    }

    public func gather(_ bytes: [UInt8], patience: Patience) throws(RankError) -> [[UInt8]] {
        let start = ContinuousClock.now
        defer { note(since: start) }
        return try Messages(to: count, besides: rank, hosts: hosts).gather(
            bytes, tags: (Tag.length.rawValue, Tag.bytes.rawValue),
            limit: patience == .endless ? nil : limit)
    }

    public func exchange(
        with partner: Int, sending: Span<Float>, receiving: inout MutableSpan<Float>
    ) throws(RankError) {
        let start = ContinuousClock.now
        defer { note(since: start) }
        var messages = Messages(to: count, besides: rank, hosts: hosts)
        let out = sending.withUnsafeBytes { UnsafeRawBufferPointer($0) }
        let into = receiving.withUnsafeMutableBytes { UnsafeMutableRawBufferPointer($0) }
        // Both spans outlive the call, which returns when nobody reads or writes there any more.
        try messages.receive(into, from: partner, tag: Tag.floats.rawValue)
        try messages.send(out, to: partner, tag: Tag.floats.rawValue)
        try messages.wait(atMost: limit)
    }

    public func broadcast(_ floats: FloatBuffer) throws(RankError) {
        let start = ContinuousClock.now
        defer { note(since: start) }
        // Each time twice as many ranks have the floats.
        var holders = 1
        while holders < count {
            var messages = Messages(to: count, besides: rank, hosts: hosts)
            let bytes = UnsafeMutableRawBufferPointer(floats.storage)
            if rank < holders, rank + holders < count {
                try messages.send(
                    UnsafeRawBufferPointer(bytes), to: rank + holders, tag: Tag.floats.rawValue)
            } else if rank >= holders, rank < 2 * holders {
                try messages.receive(bytes, from: rank - holders, tag: Tag.floats.rawValue)
            }
            try messages.wait(atMost: limit)
            holders *= 2
        }
    }

    public func farewell(_ words: String) -> [String]? {
        var bytes = Array(words.utf8.prefix(Self.farewellSize))
        bytes += [UInt8](repeating: 0, count: Self.farewellSize - bytes.count)
        // Those who work on never answer.
        let answers = try? Messages(to: count, besides: rank, hosts: hosts).gather(
            fixed: bytes, tag: Tag.farewell.rawValue, limit: .seconds(5))
        return answers?.map { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    /// Bytes of an error message that tell it from another.
    private static let farewellSize = 256

    /// Ends with MPI, after all ranks have come here.
    public func finish() {
        if mpi_is_over() == 0 { mpi_finish() }
    }

    /// Ends all ranks at once.
    public func abort(_ status: Int32) -> Never {
        mpi_abort(status)
        exit(status)
    }

    private func note(since start: ContinuousClock.Instant) {
        spent.withLock { $0 += ContinuousClock.now - start }
    }

    static func words(_ error: Int32) -> String {
        var words = [CChar](repeating: 0, count: Int(mpi_words_capacity))
        mpi_words(error, &words)
        return String(decoding: words.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    private static var thisHost: String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "unknown" }
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

extension Patience {
    fileprivate static func == (left: Self, right: Self) -> Bool {
        if case .endless = left, case .endless = right { true } else { false }
    }
}
