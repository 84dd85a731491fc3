/// How often each label was taken for which.
public struct ConfusionMatrix: Codable, Sendable, Hashable {
    public private(set) var labelCount: Int
    /// [labels, guesses]
    private var counts: [Int]

    public init(labelCount: Int) {
        self.labelCount = labelCount
        counts = [Int](repeating: 0, count: labelCount * labelCount)
    }

    /// - Throws: `DecodingError` unless there is a count for each pair of labels.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        labelCount = try container.decode(Int.self, forKey: .labelCount)
        counts = try container.decode([Int].self, forKey: .counts)
        let (pairs, overflows) = labelCount.multipliedReportingOverflow(by: labelCount)
        // The bound keeps sums of counts from overflowing.
        guard labelCount >= 0, !overflows, counts.count == pairs, counts.allSatisfy((0...Int(Int32.max)).contains)
        else {
            throw DecodingError.dataCorruptedError(
                forKey: .counts, in: container,
                debugDescription: "\(counts.count) counts do not suit \(labelCount) labels, or one is out of range")
        }
    }

    public mutating func add(label: Int, guess: Int, count: Int = 1) {
        counts[label * labelCount + guess] += count
    }

    /// A matrix of no labels takes over the other's.
    public mutating func add(_ other: ConfusionMatrix) {
        if other.labelCount == 0 { return }
        if labelCount == 0 { self = ConfusionMatrix(labelCount: other.labelCount) }
        precondition(labelCount == other.labelCount)
        for index in counts.indices { counts[index] += other.counts[index] }
    }

    public subscript(label: Int, guess: Int) -> Int { counts[label * labelCount + guess] }

    public var total: Int { counts.reduce(0, +) }

    /// The share of texts whose label was guessed; 0 where there is no text.
    public var accuracy: Double { ratio((0..<labelCount).reduce(0) { $0 + self[$1, $1] }, total) }

    /// The correlation of two labels and their guesses (Matthews 1975); 0 where either is always the same, as scikit-learn has
    /// it. `nil` where there are more or fewer than two labels.
    public var matthewsCorrelation: Double? {
        guard labelCount == 2 else { return nil }
        let (truePositives, trueNegatives) = (Double(self[1, 1]), Double(self[0, 0]))
        let (falsePositives, falseNegatives) = (Double(self[0, 1]), Double(self[1, 0]))
        let product =
            (truePositives + falsePositives) * (truePositives + falseNegatives)
            * (trueNegatives + falsePositives) * (trueNegatives + falseNegatives)
        let covariance = truePositives * trueNegatives - falsePositives * falseNegatives
        return product > 0 ? covariance / product.squareRoot() : 0
    }

    /// The mean over labels of the harmonic mean of precision and recall; labels that neither occur nor are guessed do not
    /// count (scikit-learn's `f1_score(average="macro")`).
    public var macroF1: Double {
        var (sum, labels) = (0.0, 0)
        for label in 0..<labelCount {
            let occurrences = (0..<labelCount).reduce(0) { $0 + self[label, $1] }
            let guesses = (0..<labelCount).reduce(0) { $0 + self[$1, label] }
            if occurrences + guesses == 0 { continue }
            labels += 1
            sum += ratio(2 * self[label, label], occurrences + guesses)
        }
        return labels > 0 ? sum / Double(labels) : 0
    }

    private func ratio(_ numerator: Int, _ denominator: Int) -> Double {
        denominator > 0 ? Double(numerator) / Double(denominator) : 0
    }
}
