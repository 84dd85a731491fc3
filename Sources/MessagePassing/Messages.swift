import CLibrary
import CMPI
import Ranks

/// Messages under way between this rank and others.
struct Messages {
    private let count: Int
    private let rank: Int
    private let hosts: [String]
    private var requests: [(request: mpi_request, partner: Int)] = []

    init(to count: Int, besides rank: Int, hosts: [String]) {
        self.count = count
        self.rank = rank
        self.hosts = hosts
    }

    private var others: [Int] { (0..<count).filter { $0 != rank } }

    /// A message's count is an `int` in MPI.
    private static let largestMessage = 1 << 28

    mutating func send(_ bytes: UnsafeRawBufferPointer, to partner: Int, tag: Int32) throws(RankError) {
        for start in stride(from: 0, to: bytes.count, by: Self.largestMessage) {
            var request = mpi_request()
            let size = min(Self.largestMessage, bytes.count - start)
            try check(
                mpi_send(bytes.baseAddress! + start, Int32(size), Int32(partner), tag, &request))
            requests.append((request, partner))
        }
    }

    mutating func receive(_ bytes: UnsafeMutableRawBufferPointer, from partner: Int, tag: Int32)
        throws(RankError)
    {
        for start in stride(from: 0, to: bytes.count, by: Self.largestMessage) {
            var request = mpi_request()
            let size = min(Self.largestMessage, bytes.count - start)
            try check(
                mpi_receive(bytes.baseAddress! + start, Int32(size), Int32(partner), tag, &request))
            requests.append((request, partner))
        }
    }

    /// Waits until all are done.
    ///
    /// - Parameter limit: `nil` to wait forever.
    mutating func wait(atMost limit: Duration?) throws(RankError) {
        let start = ContinuousClock.now
        var pause: UInt32 = 0
        while true {
            // Each call of MPI_Test moves all messages on.
            var waiting: [(request: mpi_request, partner: Int)] = []
            for index in requests.indices {
                var isDone: Int32 = 0
                try check(mpi_is_done(&requests[index].request, &isDone))
                if isDone == 0 { waiting.append(requests[index]) }
            }
            requests = waiting
            if requests.isEmpty { return }
            let waited = ContinuousClock.now - start
            if let limit, waited > limit {
                throw RankError(
                    .missing(Set(requests.map(\.partner)).sorted(), seconds: Int(limit / .seconds(1))),
                    hosts: hosts)
            }
            // Where ranks share a processor, the one that is waited for needs it.
            if waited < .microseconds(50) { sched_yield() } else { usleep(pause) }
            pause = min(pause + 10, 200)
        }
    }

    /// Gives each rank the bytes of every rank. First their number goes round, and with it as many of them as fit into
    /// a short message.
    consuming func gather(
        _ bytes: [UInt8], tags: (length: Int32, bytes: Int32), limit: Duration?
    ) throws(RankError) -> [[UInt8]] {
        var first = [UInt8](repeating: 0, count: Self.shortSize)
        for index in 0..<8 { first[index] = UInt8(truncatingIfNeeded: bytes.count >> (8 * index)) }
        for (index, byte) in bytes.prefix(Self.shortSize - 8).enumerated() { first[8 + index] = byte }
        let heads = try Messages(to: count, besides: rank, hosts: hosts).gather(
            fixed: first, tag: tags.length, limit: limit)
        let lengths = heads.map { head in (0..<8).reduce(0) { $0 | Int(head[$1]) << (8 * $1) } }
        let short = Self.shortSize - 8
        if lengths.allSatisfy({ $0 <= short }) {
            return zip(heads, lengths).map { Array($0.dropFirst(8).prefix($1)) }
        }
        let into = lengths.map { UnsafeMutableRawBufferPointer.allocate(byteCount: $0, alignment: 1) }
        let out = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        out.copyBytes(from: bytes)
        // Where the wait fails, MPI may still write there: the buffers stay, and the process ends.
        for other in others { try receive(into[other], from: other, tag: tags.bytes) }
        for other in others { try send(UnsafeRawBufferPointer(out), to: other, tag: tags.bytes) }
        try wait(atMost: limit)
        defer {
            for buffer in into + [out] { buffer.deallocate() }
        }
        return (0..<count).map { $0 == rank ? bytes : Array(into[$0]) }
    }

    /// Gives each rank the bytes of every rank, which are as many on each.
    consuming func gather(fixed bytes: [UInt8], tag: Int32, limit: Duration?) throws(RankError)
        -> [[UInt8]]
    {
        let size = bytes.count
        let buffer = UnsafeMutableRawBufferPointer.allocate(
            byteCount: size * (count + 1), alignment: 16)
        let out = UnsafeMutableRawBufferPointer(rebasing: buffer[count * size..<(count + 1) * size])
        out.copyBytes(from: bytes)
        // As above.
        for other in others {
            try receive(
                UnsafeMutableRawBufferPointer(rebasing: buffer[other * size..<(other + 1) * size]),
                from: other, tag: tag)
        }
        for other in others { try send(UnsafeRawBufferPointer(out), to: other, tag: tag) }
        try wait(atMost: limit)
        defer { buffer.deallocate() }
        return (0..<count).map { $0 == rank ? bytes : Array(buffer[$0 * size..<($0 + 1) * size]) }
    }

    private static let shortSize = 64

    private func check(_ error: Int32) throws(RankError) {
        if error != 0 { throw RankError(.transport(MessagePassing.words(error)), hosts: hosts) }
    }
}
