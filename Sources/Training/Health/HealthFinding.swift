/// Something wrong with a training run that its loss alone does not tell.
public struct HealthFinding: Codable, Sendable, Hashable {
    public let cause: HealthCause
    /// Updates done when it showed.
    public let step: Int
    /// The problem, the figures that show it, and advice, in one or two sentences.
    public let message: String
}

/// A problem that a run can have. Raw values are those of `metrics.jsonl` and `summary.json`.
public enum HealthCause: String, Codable, Sendable, Hashable, CaseIterable, Comparable {
    /// Everything is called original.
    case collapse
    /// Nearly every draw is the original token: hardly anything is left to detect.
    case generatorTooStrong = "generator_too_strong"
    /// Replacements give themselves away.
    case generatorTooWeak = "generator_too_weak"
    /// The data is seen so often that little new is learned from it.
    case fewSequences = "few_sequences"
    /// Sequences are far shorter than they may be.
    case shortSequences = "short_sequences"
    /// The evaluation measures on the data that is trained on.
    case heldOutTrainedOn = "held_out_trained_on"
    /// Much of the text is of tokens that stand for text that the vocabulary cannot spell.
    case unknownTokens = "unknown_tokens"
    /// Much of the text is not UTF-8.
    case invalidText = "invalid_text"
    /// The loss lies far above its former values.
    case lossSpike = "loss_spike"
    /// Gradients are far larger than they were.
    case gradientSpike = "gradient_spike"
    /// The loss or its gradient is infinite or not a number; the run ends.
    case notFinite = "not_finite"

    public static func < (one: Self, other: Self) -> Bool { one.rawValue < other.rawValue }
}

/// The findings of a run. A cause is reported once until it ends.
public struct HealthRecord: Codable, Sendable, Hashable {
    /// A cause that comes and goes is reported again after this many steps at the earliest.
    private static let steadySteps = 1000

    public private(set) var findings: [HealthFinding] = []
    /// Causes that were reported and still hold, sorted.
    private var active: [HealthCause] = []

    package init() {}

    /// The record of a run that is over.
    package init(findings: [HealthFinding]) {
        self.findings = findings
    }

    /// Takes in the problems at a step.
    ///
    /// - Parameters:
    ///   - present: the problems, in words.
    ///   - judged: the causes that were looked for; the others stay as they were.
    /// - Returns: the findings that are to be reported.
    package mutating func update(
        _ present: [HealthCause: String], among judged: Set<HealthCause>, step: Int
    ) -> [HealthFinding] {
        active.removeAll { judged.contains($0) && present[$0] == nil }
        let news = present.sorted { $0.key < $1.key }.compactMap { cause, message -> HealthFinding? in
            let last = findings.last { $0.cause == cause }?.step
            if active.contains(cause) || last.map({ step - $0 < Self.steadySteps }) == true { return nil }
            return HealthFinding(cause: cause, step: step, message: message)
        }
        findings += news
        active = (active + news.map(\.cause)).sorted()
        return news
    }
}
