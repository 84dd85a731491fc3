import Training

/// Whether replaced token detection is being learned, judged every ``window`` steps by the measurements of these.
///
/// An example of a healthy run: a public ELECTRA-Small run ends with accuracy 0.95, precision 0.80 and recall 0.48, which
/// together say that 7.8 % of its tokens were replaced: at 15 % masked, 48 % of the draws were the original token. `make demo`,
/// whose generator is far weaker, has 15 % at T = 1 and 7 % at T = 2. The limits below lie far outside of both.
public struct DetectionHealth: HealthMonitor {
    public typealias Statistics = DetectionStatistics

    public static let causes: Set<HealthCause> = [.collapse, .generatorTooStrong, .generatorTooWeak]

    /// Steps that are judged together.
    package static let window = 100
    /// Below this recall everything is called original.
    private static let collapsedRecall = 0.001
    /// Every model calls everything original for a while. By this share of the steps it should at least have begun to rank
    /// replaced tokens above original ones, ...
    private static let rankingShare = 0.25
    /// ... with an area under the curve above this, ...
    private static let rankingArea = 0.55
    /// ... and by this share of the steps it should find some.
    private static let findingShare = 0.5
    /// Recall and area that show that something was learned, and not that the start was random: to fall back from there to
    /// nothing is a collapse at any step.
    private static let learned = (recall: 0.02, area: 0.6)
    /// Draws that are the original token, of all: with more, fewer than 1.5 % of the tokens are replaced.
    private static let strongRate = 0.9
    /// With fewer, the generator is little better than drawing words from a hat. High temperatures make it so on purpose: a
    /// generator of 13 % at T = 1 has 1.3 % at T = 2 of a vocabulary of 30,000.
    private static func weakRate(at temperature: Double) -> Double { temperature > 1.25 ? 0.001 : 0.02 }
    /// Precision and recall above which there is nothing left to learn.
    private static let solvedShare = 0.95

    private var steps = 0
    private var judged = DetectionStatistics()
    /// The highest of these steps.
    private var temperature = 0.0
    private var hasLearned = false

    public init() {}

    public mutating func findings(
        after statistics: DetectionStatistics, on input: MetricsRecord, step: Int, of total: Int
    ) -> [HealthCause: String]? {
        steps += 1
        judged.add(statistics)
        temperature = max(temperature, input[.temperature] ?? 1)
        guard steps == Self.window else { return nil }
        let findings = judge(after: Double(step) / Double(total))
        (steps, judged, temperature) = (0, DetectionStatistics(), 0)
        return findings
    }

    /// - Parameter share: of the steps done.
    private mutating func judge(after share: Double) -> [HealthCause: String] {
        var findings: [HealthCause: String] = [:]
        let (replaceRate, originalRate) = (judged.replaceRate, judged.sampledOriginalRate)
        let hasDraws = judged.maskedCount > 0
        if hasDraws, originalRate > Self.strongRate {
            findings[.generatorTooStrong] =
                "the generator is too strong for the discriminator: \(originalRate.percent) of its draws are the"
                + " original token, so that only \(replaceRate.percent) of the tokens are replaced. Generate shards"
                + " with a smaller generator, or train at a higher temperature"
        }
        guard judged.replacedCount > 0 else { return findings }
        let (recall, precision, area) = (judged.recall, judged.precision, judged.areaUnderCurve)
        if recall < Self.collapsedRecall {
            let figures =
                "its accuracy is 1 - the replace rate (\((1 - replaceRate).percent)), its recall is \(recall.percent)"
            if hasLearned {
                findings[.collapse] =
                    "the discriminator has collapsed: it calls every token original again, \(figures). Lower the learning"
                    + " rate in a new folder, and start from a checkpoint of before"
            } else if share > Self.findingShare || share > Self.rankingShare && area < Self.rankingArea {
                findings[.collapse] =
                    "the discriminator has collapsed: it calls every token original, \(figures). Train for more steps, at"
                    + " another learning rate, or start from the generator"
            }
        }
        hasLearned = hasLearned || recall > Self.learned.recall && area > Self.learned.area
        if hasDraws, originalRate < Self.weakRate(at: temperature) {
            findings[.generatorTooWeak] =
                "the generator is too weak for the discriminator: only \(originalRate.percent) of its draws are the"
                + " original token (a healthy run has 5 to 50 % at T = 1). Train the generator for longer, or replay at a lower temperature"
        } else if min(precision, recall) > Self.solvedShare {
            findings[.generatorTooWeak] =
                "the generator is too weak for the discriminator: it finds \(recall.percent) of the replacements, with"
                + " a precision of \(precision.percent). Generate shards with a stronger generator, or replay at a lower"
                + " temperature"
        }
        return findings
    }
}

extension Double {
    /// For messages: `12.3 %`.
    fileprivate var percent: String { "\((100 * self).text(digits: 1)) %" }
}
