import Models
import Training

/// How well replaced tokens are told from original ones, as counts over tokens.
///
/// "Positive" means replaced. A token is called replaced where its probability is above 1/2.
public struct DetectionStatistics: StepStatistics, Hashable {
    public private(set) var lossSum = 0.0
    public private(set) var truePositives = 0
    public private(set) var falsePositives = 0
    public private(set) var trueNegatives = 0
    public private(set) var falseNegatives = 0
    /// Positions that were drawn anew.
    public private(set) var maskedCount = 0
    public private(set) var sentences = SentenceStatistics()
    /// Logits of replaced and of original tokens, in bins of 1/64 from -16 to 16.
    private var replacedLogits = LogitHistogram()
    private var originalLogits = LogitHistogram()

    public init() {}

    package init(maskedCount: Int) {
        self.maskedCount = maskedCount
    }

    public mutating func add(logit: Float, label: UInt8) {
        lossSum += ReplacedTokenDetection.loss(logit: logit, label: label)
        if label == 1 {
            if logit > 0 { truePositives += 1 } else { falseNegatives += 1 }
            replacedLogits.add(logit)
        } else {
            if logit > 0 { falsePositives += 1 } else { trueNegatives += 1 }
            originalLogits.add(logit)
        }
    }

    mutating func add(_ sentences: SentenceStatistics) { self.sentences.add(sentences) }

    public mutating func add(_ other: DetectionStatistics) {
        sentences.add(other.sentences)
        lossSum += other.lossSum
        truePositives += other.truePositives
        falsePositives += other.falsePositives
        trueNegatives += other.trueNegatives
        falseNegatives += other.falseNegatives
        maskedCount += other.maskedCount
        replacedLogits.add(other.replacedLogits)
        originalLogits.add(other.originalLogits)
    }

    public var replacedCount: Int { truePositives + falseNegatives }
    public var tokenCount: Int { replacedCount + falsePositives + trueNegatives }
    public var meanLoss: Double { ratio(lossSum, tokenCount) }
    public var accuracy: Double { ratio(Double(truePositives + trueNegatives), tokenCount) }
    /// 0 where nothing was called replaced.
    public var precision: Double { ratio(Double(truePositives), truePositives + falsePositives) }
    public var recall: Double { ratio(Double(truePositives), replacedCount) }
    /// Replaced tokens among all tokens.
    public var replaceRate: Double { ratio(Double(replacedCount), tokenCount) }

    /// Draws that are the original token, among all.
    public var sampledOriginalRate: Double { ratio(Double(maskedCount - replacedCount), maskedCount) }

    /// The probability that a replaced token has the larger logit than an original one: the area under the ROC curve.
    /// Ties, here the same bin of 1/64, count half. 1/2 where there is nothing to compare.
    public var areaUnderCurve: Double {
        replacedLogits.areaUnderCurve(over: originalLogits)
    }

    public var record: MetricsRecord {
        let record: MetricsRecord = [
            .loss: meanLoss, .accuracy: accuracy, .precision: precision, .recall: recall, .auc: areaUnderCurve,
            .replaceRate: replaceRate, .sampledOriginalRate: sampledOriginalRate,
        ]
        return record.merging(sentences.record)
    }

    private func ratio(_ numerator: Double, _ denominator: Int) -> Double {
        denominator > 0 ? numerator / Double(denominator) : 0
    }
}
