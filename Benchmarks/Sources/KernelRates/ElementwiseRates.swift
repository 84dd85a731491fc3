import KernelChoice
import Kernels
import Random

/// Elementwise kernels on 512 tokens of 256 values, as a small encoder has them: billions of elements a second.
struct ElementwiseRates {
    private let count = 512 * 256
    private let width = 256

    func printTable() {
        let x = FloatBuffer(count: count)
        let (y, z) = (FloatBuffer(count: count), FloatBuffer(count: count))
        var draws = RandomStream(seed: 1, purpose: .initialization).draws(pass: 0, sequence: 0, position: 0)
        var values = x.mutableSpan
        for index in 0..<count { values[index] = 4 * Float(unitInterval: UInt32(truncatingIfNeeded: draws.next())) - 2 }
        let row = FloatBuffer(count: width)
        row.fill(with: 1)
        let deviations = FloatBuffer(count: count / width)
        let dropout = Dropout(probability: 0.1, seed: 1)
        let address = Dropout.Address(step: 0, sequence: 0, site: 0)
        print("elementwise kernels, one core, billion elements/s")
        report("dropout and residual") { dropout.apply(to: y.mutableSpan, adding: x.span, at: address) }
        report("dropout into another buffer") { dropout.apply(from: x.span, into: y.mutableSpan, at: address) }
        report("GELU") { Activation.gelu.forward(x.span, into: y.mutableSpan) }
        report("GELU, backward") {
            z.fill(with: 1)
            Activation.gelu.backward(x.span, activated: y.mutableSpan, gradient: z.mutableSpan)
        }
        report("softmax of 128") {
            Rows.copy(x.span, to: y.mutableSpan)
            Softmax.forward(y.mutableSpan, width: 128)
        }
        report("softmax of 128, backward") {
            z.fill(with: 1)
            Softmax.backward(z.mutableSpan, probabilities: y.span, width: 128)
        }
        report("layer norm") {
            Rows.copy(x.span, to: y.mutableSpan)
            LayerNorm.forward(
                y.mutableSpan, weight: row.span, bias: row.span, epsilon: 1e-12,
                inverseDeviation: deviations.mutableSpan, into: z.mutableSpan)
        }
        report("AdamW") {
            AdamStep(
                gradientScale: 1, firstDecay: 0.9, secondDecay: 0.999, stepSize: 0, inverseRootCorrection: 1,
                epsilon: 1e-6, shrinkage: 1
            ).apply(
                to: x.mutableSpan, gradient: y.span, firstMoment: z.mutableSpan,
                secondMoment: moments.mutableSpan)
        }
    }

    private let moments = FloatBuffer(count: 512 * 256)

    private func report(_ name: String, _ kernel: () -> Void) {
        let seconds = (0..<9).map { _ in measure { for _ in 0..<50 { kernel() } } }
        print("  \(name): \(fixed(Double(50 * count) / seconds.sorted()[4] / 1e9, 2))")
    }
}
