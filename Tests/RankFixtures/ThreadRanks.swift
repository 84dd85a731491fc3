import Foundation
import Kernels
import Ranks

/// Ranks that are threads of this process, so that the work of ranks can be tested without MPI.
package final class ThreadRanks: Transport, @unchecked Sendable {
    package let rank: Int
    package var count: Int { board.count }
    package var hosts: [String] { (0..<count).map { "thread-\($0)" } }
    package var secondsSpent: Double { 0 }
    private let board: Board
    private var round = 0

    /// The state that they share. Messages of a round stay until all ranks are in the round after the next.
    private final class Board: @unchecked Sendable {
        let count: Int
        let condition = NSCondition()
        var rounds: [Int: [Int: [UInt8]]] = [:]
        var letters: [Letter: [[UInt8]]] = [:]

        struct Letter: Hashable {
            let from: Int
            let to: Int
        }

        init(count: Int) {
            self.count = count
        }

        func wait<Result>(until result: () -> Result?) throws(RankError) -> Result {
            condition.lock()
            defer { condition.unlock() }
            // However busy the machine: only a rank that has failed keeps the others waiting so long.
            let patience = 600
            let end = Date(timeIntervalSinceNow: Double(patience))
            while true {
                if let result = result() { return result }
                if !condition.wait(until: end) { throw RankError(.missing([], seconds: patience)) }
            }
        }

        func change(_ body: () -> Void) {
            condition.lock()
            body()
            condition.broadcast()
            condition.unlock()
        }
    }

    private init(_ rank: Int, _ board: Board) {
        self.rank = rank
        self.board = board
    }

    /// Runs `body` on so many ranks at a time.
    ///
    /// - Returns: the values that they return.
    /// - Throws: the error of the first of them that throws.
    package static func run<Value: Sendable>(
        _ count: Int, _ body: @escaping @Sendable (any Transport) throws -> Value
    ) throws -> [Value] {
        try results(count, body).map { try $0.get() }
    }

    /// The value or the error of each of so many ranks.
    package static func results<Value: Sendable>(
        _ count: Int, _ body: @escaping @Sendable (any Transport) throws -> Value
    ) -> [Result<Value, any Error>] {
        let board = Board(count: count)
        let outcomes = Outcomes<Value>()
        let group = DispatchGroup()
        for rank in 0..<count {
            group.enter()
            // Threads of their own: a pool has no more than there are processors, and ranks wait for each other.
            Thread.detachNewThread {
                let result = Result { try body(ThreadRanks(rank, board)) }
                outcomes.keep(result, of: rank)
                group.leave()
            }
        }
        group.wait()
        return outcomes.inOrder
    }

    private final class Outcomes<Value: Sendable>: @unchecked Sendable {
        private let lock = NSLock()
        private var results: [Int: Result<Value, any Error>] = [:]

        func keep(_ result: Result<Value, any Error>, of rank: Int) {
            lock.withLock { results[rank] = result }
        }

        var inOrder: [Result<Value, any Error>] {
            lock.withLock { results.sorted { $0.key < $1.key }.map(\.value) }
        }
    }

    package func gather(_ bytes: [UInt8], patience: Patience) throws(RankError) -> [[UInt8]] {
        let round = round
        self.round += 1
        board.change {
            board.rounds[round, default: [:]][rank] = bytes
            board.rounds[round - 2] = nil
        }
        let all = try board.wait { () -> [Int: [UInt8]]? in
            guard let all = board.rounds[round], all.count == count else { return nil }
            return all
        }
        return (0..<count).map { all[$0]! }
    }

    package func exchange(
        with partner: Int, sending: Span<Float>, receiving: inout MutableSpan<Float>
    ) throws(RankError) {
        let bytes = sending.withUnsafeBytes { Array($0) }
        board.change { board.letters[Board.Letter(from: rank, to: partner), default: []].append(bytes) }
        let received = try receive(from: partner)
        receiving.withUnsafeMutableBytes { $0.copyBytes(from: received) }
    }

    package func broadcast(_ floats: FloatBuffer) throws(RankError) {
        let all = try gather(
            rank == 0 ? floats.span.withUnsafeBytes { Array($0) } : [], patience: .usual)
        if rank == 0 { return }
        var span = floats.mutableSpan
        span.withUnsafeMutableBytes { $0.copyBytes(from: all[0]) }
    }

    package func farewell(_ words: String) -> [String]? { nil }

    private func receive(from partner: Int) throws(RankError) -> [UInt8] {
        let letter = Board.Letter(from: partner, to: rank)
        return try board.wait { () -> [UInt8]? in
            guard let bytes = board.letters[letter]?.first else { return nil }
            board.letters[letter]?.removeFirst()
            return bytes
        }
    }
}
