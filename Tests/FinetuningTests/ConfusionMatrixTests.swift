import Finetuning
import Testing

/// Metrics against those of scikit-learn 1.9 (`accuracy_score`, `matthews_corrcoef`, `f1_score(average="macro")`).
@Suite struct ConfusionMatrixTests {
    struct Known: Sendable {
        /// A row a label, a column a guess.
        let counts: [[Int]]
        let accuracy: Double
        let matthews: Double?
        let macroF1: Double
    }

    static let known = [
        Known(
            counts: [[50, 10], [5, 35]], accuracy: 0.85, matthews: 0.6975184488828855, macroF1: 0.8465473145780051),
        Known(counts: [[30, 0], [10, 0]], accuracy: 0.75, matthews: 0, macroF1: 0.42857142857142855),
        Known(
            counts: [[3, 1], [1, 5]], accuracy: 0.8, matthews: 0.5833333333333334, macroF1: 0.7916666666666667),
        Known(
            counts: [[10, 2, 0], [3, 8, 1], [0, 4, 12]], accuracy: 0.75, matthews: nil,
            macroF1: 0.7476569407603891),
        // A label that neither occurs nor is guessed, and one that is guessed without occurring.
        Known(
            counts: [[5, 1, 0], [2, 7, 0], [0, 0, 0]], accuracy: 0.8, matthews: nil, macroF1: 0.7963800904977376),
        Known(
            counts: [[5, 1, 1], [2, 7, 0], [0, 0, 0]], accuracy: 0.75, matthews: nil,
            macroF1: 0.5126050420168067),
    ]

    private func matrix(_ counts: [[Int]]) -> ConfusionMatrix {
        var matrix = ConfusionMatrix(labelCount: counts.count)
        for (label, row) in counts.enumerated() {
            for (guess, count) in row.enumerated() { matrix.add(label: label, guess: guess, count: count) }
        }
        return matrix
    }

    @Test(arguments: known) func metricsAreScikitLearns(known: Known) {
        let matrix = matrix(known.counts)
        for metric in ClassificationMetric.allCases {
            let expected: Double? =
                switch metric {
                case .accuracy: known.accuracy
                case .macroF1: known.macroF1
                case .matthews: known.matthews
                }
            let value = metric.value(of: matrix)
            #expect((value == nil) == (expected == nil) && abs((value ?? 0) - (expected ?? 0)) < 1e-12, "\(metric)")
        }
    }

    /// Parts that threads counted come to the whole; an empty statistics takes any part.
    @Test func partsAddUp() {
        let whole = matrix([[4, 6], [2, 8]])
        var sum = ClassificationStatistics().confusion
        sum.add(matrix([[1, 6], [0, 3]]))
        sum.add(ConfusionMatrix(labelCount: 0))
        sum.add(matrix([[3, 0], [2, 5]]))
        #expect(sum == whole && sum.total == 20)
    }

    @Test func nothingMeasured() {
        let nothing = ConfusionMatrix(labelCount: 0)
        #expect(nothing.accuracy == 0 && nothing.macroF1 == 0 && nothing.total == 0)
    }
}
