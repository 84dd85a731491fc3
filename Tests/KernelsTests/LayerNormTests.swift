import Kernels
import Random
import Testing

@Suite struct LayerNormTests {
    private func noise(_ count: Int, center: Float, seed: UInt64) -> [Float] {
        var draws = RandomStream(seed: seed, purpose: .initialization).draws(pass: 0, sequence: 0, position: 0)
        return (0..<count).map { _ in center + Float.random(in: -1...1, using: &draws) }
    }

    private func exact(_ row: [Double], weight: [Float], bias: [Float], epsilon: Double) -> [Double] {
        let mean = row.reduce(0, +) / Double(row.count)
        let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(row.count)
        return row.indices.map {
            (row[$0] - mean) / (variance + epsilon).squareRoot() * Double(weight[$0]) + Double(bias[$0])
        }
    }

    @Test(arguments: [2, 15, 16, 17, 768]) func forwardAndBackwardAgree(width: Int) {
        let rows = 3
        let (weight, bias) = (noise(width, center: 1, seed: 1), noise(width, center: 0, seed: 2))
        let input = noise(rows * width, center: 3, seed: 3)
        let loss = noise(rows * width, center: 0, seed: 4)
        var normalized = input
        var deviation = [Float](repeating: 0, count: rows)
        var output = [Float](repeating: 0, count: rows * width)
        LayerNorm.forward(
            normalized.mutableSpan, weight: weight.span, bias: bias.span, epsilon: 1e-5,
            inverseDeviation: deviation.mutableSpan, into: output.mutableSpan)
        var gradient = loss
        var (weightGradient, biasGradient) = ([Float](repeating: 1, count: width), [Float](repeating: 2, count: width))
        LayerNorm.backward(
            gradient.mutableSpan, normalized: normalized.span, inverseDeviation: deviation.span, weight: weight.span,
            weightGradient: weightGradient.mutableSpan, biasGradient: biasGradient.mutableSpan)
        for row in 0..<rows {
            let range = row * width..<(row + 1) * width
            let x = input[range].map { Double($0) }
            let expected = exact(x, weight: weight, bias: bias, epsilon: 1e-5)
            for (ours, expected) in zip(output[range], expected) { #expect(abs(Double(ours) - expected) < 1e-5) }
            for index in stride(from: 0, to: width, by: max(1, width / 20)) {
                let step = 1e-5
                let losses = [step, -step].map { step in
                    var moved = x
                    moved[index] += step
                    let outputs = exact(moved, weight: weight, bias: bias, epsilon: 1e-5)
                    return zip(outputs, loss[range]).reduce(0) { $0 + $1.0 * Double($1.1) }
                }
                let expected = (losses[0] - losses[1]) / (2 * step)
                #expect(abs(Double(gradient[range.lowerBound + index]) - expected) < 2e-5 * max(1, abs(expected)))
            }
        }
        // Added to the old values.
        for column in 0..<width {
            let sums = (0..<rows).reduce(into: (weight: 1.0, bias: 2.0)) { sums, row in
                let place = row * width + column
                sums.weight += Double(loss[place]) * Double(normalized[place])
                sums.bias += Double(loss[place])
            }
            #expect(abs(Double(weightGradient[column]) - sums.weight) < 1e-5)
            #expect(abs(Double(biasGradient[column]) - sums.bias) < 1e-5)
        }
    }

    /// Rows without variance, and rows far from zero (an unstable variance would be negative here).
    @Test(arguments: [1, 15, 16, 17]) func extremes(width: Int) {
        let (weight, bias) = ([Float](repeating: 2, count: width), [Float](repeating: 0.5, count: width))
        for value: Float in [0, -0.0, 1e4, -1e4] {
            var rows = [Float](repeating: value, count: width)
            var deviation: [Float] = [0]
            var output = [Float](repeating: .nan, count: width)
            LayerNorm.forward(
                rows.mutableSpan, weight: weight.span, bias: bias.span, epsilon: 1e-12,
                inverseDeviation: deviation.mutableSpan, into: output.mutableSpan)
            for element in output { #expect(element.isFinite) }
            if value.magnitude < 1 { #expect(output == bias) }
        }
    }
}
