import Corpus
import Dispatch
import Models
import Synchronization
import SystemPackage

/// Asks a model which sentence of each pair it prefers, on several threads.
public struct PairScoring: Sendable {
    public let scorer: SentenceScorer
    public let threads: Int

    public init(_ scorer: SentenceScorer, threads: Int) {
        self.scorer = scorer
        self.threads = threads
    }

    /// The pairs of a file (``SentencePair/read(_:)``), at least one.
    public static func pairs(of path: FilePath) throws -> [SentencePair] {
        let pairs = try SentencePair.read(path)
        if pairs.isEmpty { throw ScoringError(.noPairs, path) }
        return pairs
    }

    /// Pairs that a thread takes at a time.
    private static let portion = 32

    private struct Work {
        var next = 0
        var done = 0
        var preferences: [Int: [PairPreference]] = [:]
        var failure: ScoringError?
    }

    /// - Parameter report: pairs done, of how many; from any thread, one at a time.
    /// - Returns: `nil` if interrupted.
    /// - Throws: ``ScoringError`` where a sentence is empty or longer than the model takes, before anything is computed, and
    ///   where a score is not a finite number.
    public func run(
        _ pairs: [SentencePair], report: @Sendable (_ done: Int, _ total: Int) -> Void,
        isInterrupted: @Sendable () -> Bool
    ) throws -> PreferenceSummary? {
        let tokens = try pairs.map { (good: try ids(of: $0.good, in: $0), bad: try ids(of: $0.bad, in: $0)) }
        let work = Mutex(Work())
        DispatchQueue.concurrentPerform(iterations: threads) { _ in
            while !isInterrupted(), work.withLock({ $0.failure == nil }) {
                let start = work.withLock { work in
                    defer { work.next += Self.portion }
                    return work.next
                }
                guard start < tokens.count else { return }
                let portion = tokens[start..<min(start + Self.portion, tokens.count)]
                let scores = scorer.scores(of: portion.flatMap { [$0.good, $0.bad] })
                if let place = scores.firstIndex(where: { !$0.isFinite }) {
                    let pair = pairs[start + place / 2]
                    work.withLock { $0.failure = $0.failure ?? ScoringError(.notFinite, pair.file, line: pair.line) }
                    return
                }
                let preferences = portion.enumerated().map { index, pair in
                    PairPreference(good: (pair.good, scores[2 * index]), bad: (pair.bad, scores[2 * index + 1]))
                }
                work.withLock { work in
                    work.preferences[start] = preferences
                    work.done += preferences.count
                    report(work.done, tokens.count)
                }
            }
        }
        let finished = work.withLock { $0 }
        if let failure = finished.failure { throw failure }
        guard finished.done == pairs.count else { return nil }
        return PreferenceSummary(pairs, finished.preferences.sorted { $0.key < $1.key }.flatMap(\.value))
    }

    private func ids(of sentence: String, in pair: SentencePair) throws -> [Int32] {
        guard let tokens = scorer.tokens(of: sentence) else {
            throw ScoringError(
                .sentenceTooLong(limit: scorer.configuration.maximumSequenceLength), pair.file, line: pair.line)
        }
        // [CLS] and [SEP] alone: a sum over nothing would win against every sentence.
        if tokens.count <= 2 { throw ScoringError(.emptySentence, pair.file, line: pair.line) }
        return tokens
    }
}
