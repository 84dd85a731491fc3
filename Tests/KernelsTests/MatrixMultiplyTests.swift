import KernelChoice
import Kernels
import Random
import Testing

@Suite struct MatrixMultiplyTests {
    private func noise(_ count: Int, seed: UInt64) -> [Float] {
        var draws = RandomStream(seed: seed, purpose: .initialization).draws(pass: 0, sequence: 0, position: 0)
        return (0..<count).map { _ in 2 * Float(unitInterval: UInt32(truncatingIfNeeded: draws.next())) - 1 }
    }

    /// Within a tile and beyond one, whole tiles and parts, one layer of depth and several, rows close together and far apart.
    private static let shapes: [(m: Int, n: Int, k: Int, stride: Int)] = [
        (1, 1, 1, 0), (3, 5, 7, 0), (17, 16, 33, 0), (2, 9, 1, 0), (4, 3, 0, 0), (8, 32, 16, 0), (24, 64, 40, 0),
        (9, 33, 300, 0), (16, 32, 513, 0), (520, 40, 20, 0), (21, 131, 37, 1024), (16, 160, 260, 1500),
        (8, 31, 5, 2048),
    ]

    @Test(arguments: [false, true], [false, true]) func agreesWithTheDefinition(
        leftTransposed: Bool, rightTransposed: Bool
    ) {
        for (m, n, k, stride) in Self.shapes {
            // Rows are wider than the product needs: the floats beside it are another matrix's.
            let leftStride = max(stride, (leftTransposed ? m : k) + 3)
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
            var error = 0.0
            for row in 0..<m {
                for column in 0..<resultStride {
                    let index = row * resultStride + column
                    var expected = Double(before[index])
                    if column < n {
                        expected *= 2
                        for index in 0..<k {
                            let x = left[leftTransposed ? index * leftStride + row : row * leftStride + index]
                            let y = right[rightTransposed ? column * rightStride + index : index * rightStride + column]
                            expected += 0.5 * Double(x) * Double(y)
                        }
                    }
                    error = max(error, abs(Double(result[index]) - expected))
                }
            }
            let limit = 1e-6 * Double(8 + k).squareRoot()
            #expect(error < limit, "\(m) x \(n) x \(k): \(error)")
        }
    }

    @Test func addsABias() {
        for (m, n, k) in [(1, 1, 1), (9, 40, 300), (16, 64, 8), (3, 33, 5)] {
            let (left, right, bias) = (noise(m * k, seed: 1), noise(n * k, seed: 2), noise(n, seed: 3))
            var result = [Float](repeating: .nan, count: m * n)
            multiply(
                Factor(left.span, stride: k), Factor(right.span, stride: k).transposed, m: m, n: n, k: k,
                adding: bias.span, into: result.mutableSpan, stride: n)
            let packed = PackedFactor(Factor(right.span, stride: k).transposed, rowCount: k, columnCount: n)
            var again = [Float](repeating: .nan, count: m * n)
            multiply(
                Factor(left.span, stride: k), packed, columns: 0..<n, m: m, adding: bias.span, into: again.mutableSpan,
                stride: n)
            if KernelSet.inUse != .openblas { #expect(again == result) }
            #expect(zip(again, result).allSatisfy { abs($0 - $1) < 2e-5 })
            for row in 0..<m {
                for column in 0..<n {
                    let product = (0..<k).reduce(0.0) {
                        $0 + Double(left[row * k + $1]) * Double(right[column * k + $1])
                    }
                    #expect(abs(Double(result[row * n + column]) - product - Double(bias[column])) < 2e-5)
                }
            }
        }
    }

    /// The old result is overwritten, not multiplied by zero.
    @Test func withoutKeepingNothingOfTheOldResultStays() {
        var result: [Float] = [.nan]
        let (x, y): ([Float], [Float]) = ([2], [3])
        multiply(
            Factor(x.span, stride: 1), Factor(y.span, stride: 1), m: 1, n: 1, k: 1, into: result.mutableSpan, stride: 1)
        #expect(result == [6])
    }
}
