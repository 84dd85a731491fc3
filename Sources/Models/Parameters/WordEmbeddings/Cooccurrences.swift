import CLibrary
import Kernels

/// How often tokens occur near each other: [vocabulary, contexts], where the contexts are the most frequent tokens.
///
/// A table of 2^26 floats at most, 256 MB, whatever the vocabulary is. Of a long text, sequences are taken at even distances.
package struct Cooccurrences {
    package let vocabularySize: Int
    /// The tokens of the columns.
    package let contexts: [Int32]
    package let counts: FloatBuffer

    /// Tokens at most so far apart that they count as near.
    package static let windowLength = 32
    private static let largestTable = 1 << 26
    private static let mostTokens = 1 << 25

    /// - Parameter excluded: tokens that stand for no text, such as `[CLS]`.
    /// - Precondition: every token is below `vocabularySize`.
    package init(
        of sequences: some RandomAccessCollection<ArraySlice<Int32>>, vocabularySize: Int,
        excluding excluded: Set<Int32>
    ) {
        let tokenCount = sequences.reduce(0) { $0 + $1.count }
        let places = stride(from: 0, to: sequences.count, by: max(1, tokenCount / Self.mostTokens))
        let sampled = places.lazy.map { sequences[sequences.index(sequences.startIndex, offsetBy: $0)] }
        var frequencies = [Int](repeating: 0, count: vocabularySize)
        for sequence in sampled {
            for token in sequence { frequencies[Int(token)] += 1 }
        }
        for token in excluded where frequencies.indices.contains(Int(token)) { frequencies[Int(token)] = 0 }
        let frequent = frequencies.indices.filter { frequencies[$0] > 0 }
            .sorted { (frequencies[$1], $0) < (frequencies[$0], $1) }
            .prefix(max(1, Self.largestTable / vocabularySize))
        var columns = [Int32](repeating: -1, count: vocabularySize)
        for (column, token) in frequent.enumerated() { columns[token] = Int32(column) }
        contexts = frequent.map(Int32.init)
        self.vocabularySize = vocabularySize
        counts = FloatBuffer(count: vocabularySize * contexts.count)
        var table = counts.mutableSpan
        var window: [Int32] = []
        for sequence in sampled {
            for start in stride(from: sequence.startIndex, to: sequence.endIndex, by: Self.windowLength) {
                window.removeAll(keepingCapacity: true)
                for token in sequence[start..<min(start + Self.windowLength, sequence.endIndex)]
                where frequencies[Int(token)] > 0 && !window.contains(token) {
                    window.append(token)
                }
                for token in window {
                    let row = Int(token) * contexts.count
                    for other in window where columns[Int(other)] >= 0 { table[row + Int(columns[Int(other)])] += 1 }
                }
            }
        }
    }

    /// Turns counts into positive pointwise mutual information: max(0, log p(token, context) / (p(token) p(context))), where p(context)
    /// is smoothed by the power 0.75 (Levy, Goldberg & Dagan 2015, section 3).
    ///
    /// - Returns: the tokens that were seen.
    package func becomeMutualInformation() -> [Bool] {
        var table = counts.mutableSpan
        let columnCount = contexts.count
        var (rowSums, columnSums) = (
            [Double](repeating: 0, count: vocabularySize), [Double](repeating: 0, count: columnCount)
        )
        for row in 0..<vocabularySize {
            for column in 0..<columnCount {
                let count = Double(table[row * columnCount + column])
                rowSums[row] += count
                columnSums[column] += count
            }
        }
        let smoothed = columnSums.map { pow($0, 0.75) }
        let total = smoothed.reduce(0, +)
        for row in 0..<vocabularySize where rowSums[row] > 0 {
            for column in 0..<columnCount where table[row * columnCount + column] > 0 {
                let index = row * columnCount + column
                let ratio = Double(table[index]) * total / (rowSums[row] * smoothed[column])
                table[index] = ratio > 1 ? Float(log(ratio)) : 0
            }
        }
        return rowSums.map { $0 > 0 }
    }
}
