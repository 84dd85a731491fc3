import CLibrary
import Kernels
import Testing

/// Every activation and its slope against double precision.
@Suite struct ActivationTests {
    private static func exact(_ activation: Activation, _ x: Double) -> (value: Double, slope: Double) {
        switch activation {
        case .gelu:
            let cumulative = 0.5 * erfc(-x / 2.0.squareRoot())
            return (x * cumulative, cumulative + x * exp(-x * x / 2) / (2 * Double.pi).squareRoot())
        case .geluTanh:
            let c = (2 / Double.pi).squareRoot()
            let t = tanh(c * (x + 0.044715 * x * x * x))
            return (0.5 * x * (1 + t), 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * c * (1 + 3 * 0.044715 * x * x))
        case .relu: return (max(x, 0), x > 0 ? 1 : 0)
        case .silu:
            let s = 1 / (1 + exp(-x))
            return (x * s, s + x * s * (1 - s))
        }
    }

    /// Φ's documented error is below 2.1e-7, so that of x Φ(x) is below |x| 2.1e-7 and a rounding of the result; the
    /// others keep within as much.
    @Test(arguments: Activation.allCases) func agreesWithDoublePrecision(activation: Activation) {
        let inputs = stride(from: Float(-14), through: 14, by: 1.0 / 8192).map { $0 }
        var outputs = [Float](repeating: .nan, count: inputs.count)
        activation.forward(inputs.span, into: outputs.mutableSpan)
        var activated = [Float](repeating: .nan, count: inputs.count)
        var slopes = [Float](repeating: 1, count: inputs.count)
        activation.backward(inputs.span, activated: activated.mutableSpan, gradient: slopes.mutableSpan)
        var (worst, worstSlope) = (0.0, 0.0)
        for (index, input) in inputs.enumerated() where input != 0 {
            let x = Double(input)
            let (value, slope) = Self.exact(activation, x)
            worst = max(worst, (abs(Double(outputs[index]) - value) - abs(value) * 0x1p-24) / abs(x))
            worstSlope = max(worstSlope, abs(Double(slopes[index]) - slope))
        }
        #expect(worst < 2.1e-7, "\(worst)")
        #expect(worstSlope < (activation == .geluTanh ? 6e-7 : 3e-7), "\(worstSlope)")
        #expect(activated == outputs)
    }

    @Test(arguments: Activation.allCases) func extremes(activation: Activation) {
        let inputs: [Float] = [-1e38, -1e4, -200, -0.0, 0, 200, 1e4, 1e38]
        var outputs = [Float](repeating: .nan, count: inputs.count)
        activation.forward(inputs.span, into: outputs.mutableSpan)
        #expect(outputs == [0, 0, 0, 0, 0, 200, 1e4, 1e38])
        var slopes = [Float](repeating: 2, count: inputs.count)
        activation.backward(inputs.span, activated: outputs.mutableSpan, gradient: slopes.mutableSpan)
        #expect(slopes[0...2] == [0, 0, 0])
        #expect(abs(slopes[3] - (activation == .relu ? 0 : 1)) < 5e-7 && slopes[3] == slopes[4])
        #expect(slopes[5...7] == [2, 2, 2])
    }

    /// The functions are told apart: no two agree at 1.5 and -1.5 to three digits but GELU and its approximation.
    @Test func differ() {
        let values = Activation.allCases.map { activation in
            var outputs: [Float] = [0]
            activation.forward([-1.5 as Float].span, into: outputs.mutableSpan)
            return outputs[0]
        }
        #expect(values[2] == 0 && abs(values[3] + 0.273_64) < 1e-4)
        #expect(abs(values[0] + 0.100_211) < 1e-5 && abs(values[1] + 0.100_428) < 1e-5)
    }

    /// An element's result does not depend on its place among the lanes.
    @Test(arguments: [1, 15, 16, 17, 33], Activation.allCases)
    func everyLaneIsTheSame(count: Int, activation: Activation) {
        let inputs = [Float](repeating: 0.7, count: count)
        var outputs = inputs
        activation.forward(inputs.span, into: outputs.mutableSpan)
        #expect(Set(outputs).count == 1 && abs(Double(outputs[0]) - Self.exact(activation, 0.7).value) < 1e-6)
    }
}
