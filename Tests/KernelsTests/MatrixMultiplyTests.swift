import Kernels
import Testing

@Suite struct MatrixMultiplyTests {
    private func noise(_ count: Int, seed: UInt64) -> [Float] {
        var draws = RandomStream(seed: seed, purpose: .initialization).draws(pass: 0, sequence: 0, position: 0)
        return (0..<count).map { _ in Float.random(in: -1...1, using: &draws) }
    }

    @Test(arguments: [false, true], [false, true]) func agreesWithTheDefinition(
        leftTransposed: Bool, rightTransposed: Bool
    ) {
        for (m, n, k) in [(1, 1, 1), (3, 5, 7), (17, 16, 33), (2, 9, 1), (4, 3, 0)] {
            // Rows are wider than the product needs: what lies beside it is another matrix's.
            let leftStride = (leftTransposed ? m : k) + 3
            let rightStride = (rightTransposed ? k : n) + 1
            let resultStride = n + 2
            let left = noise(max(leftTransposed ? k : m, 1) * leftStride, seed: 1)
            let right = noise(max(rightTransposed ? n : k, 1) * rightStride, seed: 2)
            let before = noise(m * resultStride, seed: 3)
            var result = before
            let (a, b) = (Factor(left.span, stride: leftStride), Factor(right.span, stride: rightStride))
            multiply(
                leftTransposed ? a.transposed : a, rightTransposed ? b.transposed : b, m: m, n: n, k: k, scale: 0.5,
                keeping: 2, into: result.mutableSpan, stride: resultStride)
            for row in 0..<m {
                for column in 0..<resultStride {
                    var expected = Double(before[row * resultStride + column])
                    if column < n {
                        expected *= 2
                        for index in 0..<k {
                            let x = left[leftTransposed ? index * leftStride + row : row * leftStride + index]
                            let y = right[rightTransposed ? column * rightStride + index : index * rightStride + column]
                            expected += 0.5 * Double(x) * Double(y)
                        }
                    }
                    #expect(abs(Double(result[row * resultStride + column]) - expected) < 1e-5)
                }
            }
        }
    }

    /// What stood in the result is overwritten, not multiplied by zero.
    @Test func withoutKeepingNothingOfTheOldResultStays() {
        var result: [Float] = [.nan]
        let (x, y): ([Float], [Float]) = ([2], [3])
        multiply(
            Factor(x.span, stride: 1), Factor(y.span, stride: 1), m: 1, n: 1, k: 1, into: result.mutableSpan, stride: 1)
        #expect(result == [6])
    }
}
