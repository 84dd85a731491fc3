import Format
import Models
import Synchronization

/// An estimate of the size and the time of a data set, from its first blocks. They are not written.
public struct GenerationForecast: Sendable, Hashable {
    /// Of the whole data set; exact where all of the text was read.
    public let counts: Counts
    /// Of the whole data set.
    public let bytes: Int
    public let tokensPerSecond: Double
    public let seconds: Double
    /// The share of the text that this is told from.
    public let share: Double
}

extension ShardGenerator {
    /// Makes blocks from the beginning of the text for some seconds, one on each thread at least, and estimates from them the size and the
    /// time of the whole data set.
    ///
    /// - Parameters:
    ///   - source: the corpus's sequences from the first on.
    /// - Throws: `CancellationError` if interrupted; ``GenerationError`` where there is no sequence.
    public func forecast(
        from source: some SequenceSource, isInterrupted: () -> Bool
    ) throws -> GenerationForecast {
        // After which no block is begun.
        let seconds = 5.0
        _ = try header.checkedBlockSize()
        let parameters = parameters.packing(model.weights)
        let workers = (0..<threads).map { _ in
            Worker(model, parameters: parameters, header: header, masking: masking)
        }
        var sequences = try PassReader(source)
        if sequences.isExhausted { throw GenerationError(.noSequences, folder) }
        let start = ContinuousClock.now
        func elapsed() -> Double { (ContinuousClock.now - start) / .seconds(1) }
        // [threads] Tokens made, and when the last of them was.
        let made = Mutex([(tokens: Int, seconds: Double)](repeating: (0, 0), count: threads))
        var begun = 0
        var counts = Counts()
        var bytes = 0
        try inOrder(threads: threads) { () -> Portion? in
            if isInterrupted() { throw CancellationError() }
            guard !sequences.isExhausted, begun < threads || elapsed() < seconds else { return nil }
            begun += 1
            return try sequences.portion(of: header.blockSize)
        } work: { thread, portion in
            let block = try workers[thread].generator.generate(portion.sequences, firstSequence: portion.first)
            let now = (ContinuousClock.now - start) / .seconds(1)
            made.withLock { $0[thread] = ($0[thread].tokens + Int(block.total.tokens), now) }
            return block
        } use: { block in
            counts += block.total
            bytes += block.byteCountInShard
        }
        let rate = made.withLock { $0.reduce(0) { $1.seconds > 0 ? $0 + Double($1.tokens) / $1.seconds : $0 } }
        let (done, total) = sequences.progress
        let share = sequences.isExhausted ? 1 : min(1, Double(done) / Double(max(total, 1)))
        let times = Double(passes) / max(share, 1e-12)
        func scaled(_ count: UInt64) -> UInt64 { UInt64((Double(count) * times).rounded()) }
        let all = Counts(
            sequences: scaled(counts.sequences), tokens: scaled(counts.tokens),
            maskedPositions: scaled(counts.maskedPositions))
        return GenerationForecast(
            counts: all, bytes: Int(Double(bytes) * times), tokensPerSecond: rate,
            seconds: rate > 0 ? Double(all.tokens) / rate : 0, share: share)
    }
}
