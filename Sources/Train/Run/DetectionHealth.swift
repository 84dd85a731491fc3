import Optimization

/// Whether replaced token detection is being learned, judged every ``window`` steps by what these measured.
///
/// What healthy looks like: a public ELECTRA-Small run ends with accuracy 0.95, precision 0.80 and recall 0.48, which
/// together say that 7.8 % of its tokens were replaced: at 15 % masked, 48 % of the draws were the original token. `make demo`,
/// whose generator is far weaker, has 15 % at T = 1 and 7 % at T = 2. The limits below lie far outside of both.
public struct DetectionHealth: HealthMonitor {
    public typealias Statistics = DetectionStatistics

    public static let causes: Set<HealthCause> = [.collapse, .generatorTooStrong, .generatorTooWeak]

    /// Steps that are judged together.
    package static let window = 100
    /// Every model calls everything original for a while; by this share of the steps it should have stopped to.
    package static let collapseShare = 0.25
    /// Below this recall everything is called original.
    package static let collapsedRecall = 0.001
    /// A recall that was reached before: to fall back from it to nothing is a collapse at any step.
    package static let learnedRecall = 0.02
    /// Draws that are the original token, of all: with more, fewer than 1.5 % of the tokens are replaced.
    package static let strongRate = 0.9
    /// With fewer, the generator is little better than drawing words from a hat.
    package static let weakRate = 0.02
    /// Precision and recall above which there is nothing left to learn.
    package static let solvedShare = 0.95

    private var steps = 0
    private var tokens = 0
    private var masked = 0
    private var replaced = 0
    private var calledReplaced = 0
    private var found = 0
    private var bestRecall = 0.0

    public init() {}

    public mutating func findings(
        after statistics: DetectionStatistics, step: Int, of total: Int
    ) -> [HealthCause: String]? {
        steps += 1
        tokens += statistics.tokenCount
        masked += statistics.maskedCount
        replaced += statistics.replacedCount
        calledReplaced += statistics.truePositives + statistics.falsePositives
        found += statistics.truePositives
        guard steps == Self.window else { return nil }
        let findings = judge(step: step, of: total)
        self = DetectionHealth(bestRecall: bestRecall)
        return findings
    }

    private init(bestRecall: Double) {
        self.bestRecall = bestRecall
    }

    private mutating func judge(step: Int, of total: Int) -> [HealthCause: String] {
        var findings: [HealthCause: String] = [:]
        let replaceRate = Double(replaced) / Double(max(tokens, 1))
        let originalRate = Double(masked - replaced) / Double(max(masked, 1))
        if masked > 0, originalRate > Self.strongRate {
            findings[.generatorTooStrong] =
                "the generator is too strong for the discriminator: \(originalRate.percent) of its draws are the"
                + " original token, so that only \(replaceRate.percent) of the tokens are replaced. Generate shards"
                + " with a smaller generator, or train at a higher temperature"
        }
        guard replaced > 0 else { return findings }
        let recall = Double(found) / Double(replaced)
        let precision = Double(found) / Double(max(calledReplaced, 1))
        if recall < Self.collapsedRecall,
            bestRecall > Self.learnedRecall || Double(step) > Self.collapseShare * Double(total)
        {
            findings[.collapse] =
                "the discriminator calls every token original: its accuracy is 1 - the replace rate"
                + " (\((1 - replaceRate).percent)), its recall is \(recall.percent)."
                + " Lower the learning rate or the batch size, or start with --initialization local or --init-from"
        }
        if masked > 0, originalRate < Self.weakRate {
            findings[.generatorTooWeak] =
                "the generator is too weak for the discriminator: only \(originalRate.percent) of its draws are the"
                + " original token (a healthy run has 5 to 50 %). Train the generator for longer, or replay at a lower temperature"
        } else if min(precision, recall) > Self.solvedShare {
            findings[.generatorTooWeak] =
                "the generator is too weak for the discriminator: it finds \(recall.percent) of the replacements, with"
                + " a precision of \(precision.percent). Generate shards with a stronger generator, or replay at a lower"
                + " temperature"
        }
        bestRecall = max(bestRecall, recall)
        return findings
    }
}

extension Double {
    /// For messages: `12.3 %`.
    fileprivate var percent: String { "\((100 * self).text(digits: 1)) %" }
}
