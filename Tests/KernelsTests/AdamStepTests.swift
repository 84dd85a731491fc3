import CLibrary
import Kernels
import Random
import Testing

@Suite struct AdamStepTests {
    /// Fifty updates beside the formula in double precision: algorithm 2 of Loshchilov & Hutter, PyTorch's bias correction.
    @Test(arguments: [1, 15, 16, 17, 40], [1.0, 0.9]) func agreesWithTheFormula(count: Int, shrinkage: Double) {
        let (firstDecay, secondDecay, epsilon, rate, clip) = (0.9, 0.999, 1e-6, 0.01, 0.5)
        var draws = RandomStream(seed: 1, purpose: .initialization).draws(pass: 0, sequence: 0, position: 0)
        var parameters = (0..<count).map { _ in Float.random(in: -1...1, using: &draws) }
        var (first, second) = ([Float](repeating: 0, count: count), [Float](repeating: 0, count: count))
        var x = parameters.map { Double($0) }
        var (m, v) = ([Double](repeating: 0, count: count), [Double](repeating: 0, count: count))
        for step in 1...50 {
            let gradient = (0..<count).map { _ in Float.random(in: -1...1, using: &draws) }
            let corrections = (1 - pow(firstDecay, Double(step)), 1 - pow(secondDecay, Double(step)))
            AdamStep(
                gradientScale: Float(clip), firstDecay: Float(firstDecay), secondDecay: Float(secondDecay),
                stepSize: Float(rate / corrections.0), inverseRootCorrection: Float(1 / corrections.1.squareRoot()),
                epsilon: Float(epsilon), shrinkage: Float(shrinkage)
            ).apply(
                to: parameters.mutableSpan, gradient: gradient.span, firstMoment: first.mutableSpan,
                secondMoment: second.mutableSpan)
            for index in 0..<count {
                let g = Double(gradient[index]) * clip
                m[index] = firstDecay * m[index] + (1 - firstDecay) * g
                v[index] = secondDecay * v[index] + (1 - secondDecay) * g * g
                let direction = m[index] / corrections.0 / ((v[index] / corrections.1).squareRoot() + epsilon)
                x[index] = shrinkage * x[index] - rate * direction
            }
        }
        for index in 0..<count { #expect(abs(Double(parameters[index]) - x[index]) < 3e-5) }
    }
}
