import Kernels
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite struct GeluTests {
    private func cumulative(_ x: Double) -> Double { 0.5 * erfc(-x / 2.0.squareRoot()) }
    private func density(_ x: Double) -> Double { exp(-x * x / 2) / (2 * Double.pi).squareRoot() }

    /// Φ's documented error is below 2.1e-7, so that of x Φ(x) is below |x| 2.1e-7 and a rounding of the result.
    @Test func agreesWithTheErrorFunction() {
        let inputs = stride(from: Float(-12), through: 12, by: 1.0 / 8192).map { $0 }
        var outputs = [Float](repeating: .nan, count: inputs.count)
        Gelu.forward(inputs.span, into: outputs.mutableSpan)
        var activated = [Float](repeating: .nan, count: inputs.count)
        var slopes = [Float](repeating: 1, count: inputs.count)
        Gelu.backward(inputs.span, activated: activated.mutableSpan, gradient: slopes.mutableSpan)
        var (worst, worstSlope) = (0.0, 0.0)
        for (index, input) in inputs.enumerated() where input != 0 {
            let x = Double(input)
            let exact = x * cumulative(x)
            worst = max(worst, (abs(Double(outputs[index]) - exact) - abs(exact) * 0x1p-24) / abs(x))
            worstSlope = max(worstSlope, abs(Double(slopes[index]) - (cumulative(x) + x * density(x))))
        }
        #expect(worst < 2.1e-7 && worst > 1e-9, "\(worst)")
        #expect(worstSlope < 2.5e-7 && worstSlope > 1e-9, "\(worstSlope)")
        #expect(activated == outputs)
    }

    @Test func extremes() {
        let inputs: [Float] = [-1e38, -1e4, -20, -0.0, 0, 20, 1e4, 1e38]
        var outputs = [Float](repeating: .nan, count: inputs.count)
        Gelu.forward(inputs.span, into: outputs.mutableSpan)
        #expect(outputs == [0, 0, 0, 0, 0, 20, 1e4, 1e38])
        var slopes = [Float](repeating: 2, count: inputs.count)
        Gelu.backward(inputs.span, activated: outputs.mutableSpan, gradient: slopes.mutableSpan)
        #expect(slopes[0...2] == [0, 0, 0])
        #expect(abs(slopes[3] - 1) < 5e-7 && slopes[3] == slopes[4])
        #expect(slopes[5...7] == [2, 2, 2])
    }

    /// An element's result does not depend on its place among the lanes.
    @Test(arguments: [1, 15, 16, 17, 33]) func everyLaneIsTheSame(count: Int) {
        let inputs = [Float](repeating: 0.7, count: count)
        var outputs = inputs
        Gelu.forward(inputs.span, into: outputs.mutableSpan)
        #expect(Set(outputs).count == 1 && abs(outputs[0] - 0.530_625) < 1e-5)
    }
}
