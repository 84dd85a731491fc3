/// How far an update's loss and gradient norm lie from those of the updates before, in standard deviations: z-scores, as llm.c shows them
/// (`llmc/outlier_detector.h`). Saved with checkpoints.
package struct StepOutliers: Codable {
    package static let causes: Set<HealthCause> = [.lossSpike, .gradientSpike]

    /// Updates that a score is relative to.
    package static let window = 128
    /// A score above this is far off: noise reaches 4.
    private static let limit = 5.0
    /// So many of the last ``judgedCount`` updates have to be far off. One batch may be an odd one.
    private static let spikeCount = 3
    private static let judgedCount = 5

    /// Scores of one update.
    package struct Scores: Codable, Hashable {
        package var loss: Double
        package var gradientNorm: Double

        package init(loss: Double, gradientNorm: Double) {
            self.loss = loss
            self.gradientNorm = gradientNorm
        }
    }

    private var losses: [Double] = []
    private var gradientNorms: [Double] = []
    /// The last updates'.
    private var scores: [Scores] = []

    package init() {}

    /// Takes in an update.
    ///
    /// - Returns: its scores; `nil` while there are too few updates before it.
    package mutating func scores(loss: Double, gradientNorm: Double) -> Scores? {
        defer {
            losses = (losses + [loss]).suffix(Self.window)
            gradientNorms = (gradientNorms + [gradientNorm]).suffix(Self.window)
        }
        guard losses.count == Self.window else { return nil }
        let scored = Scores(
            loss: Self.score(of: loss, among: losses), gradientNorm: Self.score(of: gradientNorm, among: gradientNorms))
        scores = (scores + [scored]).suffix(Self.judgedCount)
        return scored
    }

    /// The findings from the last updates.
    package var findings: [HealthCause: String] {
        var findings: [HealthCause: String] = [:]
        for (cause, name, values) in [
            (HealthCause.lossSpike, "loss", scores.map(\.loss)),
            (.gradientSpike, "norm of the gradient", scores.map(\.gradientNorm)),
        ] where values.count(where: { $0 > Self.limit }) >= Self.spikeCount {
            findings[cause] =
                "the \(name) has jumped: \(values.count { $0 > Self.limit }) of the last \(values.count) updates lie more than"
                + " \(Self.limit.text(digits: 0)) standard deviations above the \(Self.window) before them. If it does not come"
                + " back, lower the learning rate in a new folder, and start from a checkpoint of before"
        }
        return findings
    }

    private static func score(of value: Double, among others: [Double]) -> Double {
        let count = Double(others.count)
        let mean = others.reduce(0, +) / count
        let variance = others.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
        return variance > 0 ? (value - mean) / variance.squareRoot() : 0
    }
}
