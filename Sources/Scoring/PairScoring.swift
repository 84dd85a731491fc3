import Corpus
import Dispatch
import Models
import Synchronization
import SystemPackage

/// Asks a model which sentence of each pair it prefers, on several threads.
public struct PairScoring: Sendable {
    public let scorer: SentenceScorer
    private let generator: SentenceScorer?
    public let threads: Int

    public init(_ scorer: SentenceScorer, threads: Int) {
        (self.scorer, generator, self.threads) = (scorer, nil, threads)
    }

    /// Scores with a discriminator and the generator whose draws it tells from originals.
    ///
    /// At T = 1, the best discriminator's odds of *original* are p / q times a constant: p is the token's probability in text,
    /// and q the generator's. So the sum of log odds + log q is log p, up to a constant for each token (Clark et al. 2020,
    /// "Pre-Training Transformers as Energy-Based Cloze Models", section 2).
    ///
    /// - Throws: ``ScoringError`` if the first is not a discriminator, or the second not a masked language model.
    public init(_ discriminator: SentenceScorer, with generator: SentenceScorer, threads: Int) throws {
        guard discriminator.isDiscriminator else { throw ScoringError(.notADiscriminator, discriminator.folder) }
        guard !generator.isDiscriminator else { throw ScoringError(.notAGenerator, generator.folder) }
        (scorer, self.generator, self.threads) = (discriminator, generator, threads)
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
    }

    /// - Parameter report: pairs done, of how many; from any thread, one at a time.
    /// - Returns: `nil` if interrupted.
    /// - Throws: ``ScoringError`` where a sentence is longer than the model takes, before anything is computed.
    public func run(
        _ pairs: [SentencePair], report: @Sendable (_ done: Int, _ total: Int) -> Void,
        isInterrupted: @Sendable () -> Bool
    ) throws -> PreferenceSummary? {
        let tokens = try pairs.map { (good: try ids(of: $0.good, in: $0), bad: try ids(of: $0.bad, in: $0)) }
        let work = Mutex(Work())
        DispatchQueue.concurrentPerform(iterations: threads) { _ in
            while !isInterrupted() {
                let start = work.withLock { work in
                    defer { work.next += Self.portion }
                    return work.next
                }
                guard start < tokens.count else { return }
                let portion = tokens[start..<min(start + Self.portion, tokens.count)]
                let scores = scores(of: portion.flatMap { [$0.good, $0.bad] })
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
        guard finished.done == pairs.count else { return nil }
        return PreferenceSummary(pairs, finished.preferences.sorted { $0.key < $1.key }.flatMap(\.value))
    }

    private func scores(of sentences: [[Int32]]) -> [Double] {
        guard let generator, let odds = scorer.logOdds(of: sentences) else { return scorer.scores(of: sentences) }
        return zip(odds, generator.scores(of: sentences)).map(+)
    }

    private func ids(of sentence: String, in pair: SentencePair) throws -> [Int32] {
        let found = try [scorer, generator].compactMap(\.self).map { scorer in
            guard let tokens = scorer.tokens(of: sentence) else {
                throw ScoringError(
                    .sentenceTooLong(limit: scorer.configuration.maximumSequenceLength), pair.file, line: pair.line)
            }
            return tokens
        }
        if found[0] != found[found.count - 1] { throw ScoringError(.differentTokens, pair.file, line: pair.line) }
        return found[0]
    }
}
