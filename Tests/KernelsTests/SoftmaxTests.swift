import CLibrary
import Kernels
import Random
import Testing

@Suite struct SoftmaxTests {
    private func exact(_ row: [Float]) -> (probabilities: [Double], logSum: Double) {
        let largest = Double(row.max()!)
        let weights = row.map { exp(Double($0) - largest) }
        let sum = weights.reduce(0, +)
        return (weights.map { $0 / sum }, largest + log(sum))
    }

    private func noise(_ count: Int, deviation: Float, seed: UInt64) -> [Float] {
        var draws = RandomStream(seed: seed, purpose: .initialization).draws(pass: 0, sequence: 0, position: 0)
        return (0..<count).map { _ in deviation * Float.random(in: -1...1, using: &draws) }
    }

    @Test(arguments: [1, 2, 15, 16, 17, 48, 1000]) func forwardAgrees(width: Int) {
        let rows = 3
        let logits = noise(rows * width, deviation: 20, seed: 1)
        var ours = logits
        Softmax.forward(ours.mutableSpan, width: width)
        for row in 0..<rows {
            let range = row * width..<(row + 1) * width
            let exact = exact(Array(logits[range])).probabilities
            for (ours, exact) in zip(ours[range], exact) {
                // The distance to the largest logit, up to 40, is rounded to 24 bits before it is exponentiated.
                #expect(abs(Double(ours) - exact) <= (5e-7 + 40 * 0x1p-24) * exact)
            }
        }
    }

    @Test(arguments: [1, 15, 16, 17]) func extremes(width: Int) {
        for value: Float in [-1e4, -1e30, 0, -0.0, 1e4, 1e30] {
            var equal = [Float](repeating: value, count: width)
            Softmax.forward(equal.mutableSpan, width: width)
            for probability in equal { #expect(abs(probability - 1 / Float(width)) < 1e-7) }
        }
        for winner in [0, width - 1] {
            var row = [Float](repeating: -1e30, count: width)
            row[winner] = -1e4
            Softmax.forward(row.mutableSpan, width: width)
            for index in row.indices { #expect(row[index] == (index == winner ? 1 : 0)) }
        }
    }

    @Test(arguments: [1, 15, 16, 17, 100]) func crossEntropyGradientAgrees(width: Int) {
        let logits = noise(width, deviation: 5, seed: 2)
        for target in [0, width / 2, width - 1] {
            var row = logits
            let logSum = Softmax.differentiateCrossEntropy(row: row.mutableSpan, target: target, scale: 0.25)
            let exact = exact(logits)
            #expect(abs(Double(logSum) - exact.logSum) < 1e-5)
            for index in row.indices {
                let expected = 0.25 * (exact.probabilities[index] - (index == target ? 1 : 0))
                #expect(abs(Double(row[index]) - expected) < 1e-7)
            }
        }
    }

    /// Against central differences of Σ weights · softmax.
    @Test(arguments: [1, 15, 16, 17]) func backwardAgrees(width: Int) {
        let logits = noise(width, deviation: 2, seed: 3)
        let weights = noise(width, deviation: 1, seed: 4)
        func loss(_ logits: [Double]) -> Double {
            let exponentials = logits.map { exp($0) }
            return zip(exponentials, weights).reduce(0) { $0 + $1.0 * Double($1.1) } / exponentials.reduce(0, +)
        }
        var probabilities = logits
        Softmax.forward(probabilities.mutableSpan, width: width)
        var gradient = weights
        Softmax.backward(gradient.mutableSpan, probabilities: probabilities.span, width: width)
        for index in logits.indices {
            var (above, below) = (logits.map { Double($0) }, logits.map { Double($0) })
            above[index] += 1e-5
            below[index] -= 1e-5
            #expect(abs(Double(gradient[index]) - (loss(above) - loss(below)) / 2e-5) < 2e-7)
        }
    }
}
