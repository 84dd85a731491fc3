import CLibrary
import Kernels
import Testing

/// The exponential of the kernels, by way of softmax: of a row whose largest element is 0 it gives e^x over one common sum.
@Suite struct ExponentialTests {
    private func exponentials(_ x: [Float]) -> [Float] {
        var row = [0] + x
        let width = row.count
        Softmax.forward(row.mutableSpan, width: width)
        return row.dropFirst().map { $0 / row[0] }
    }

    /// Within 1e-7, and three roundings, on 700,000 points of the range where floats have all their bits.
    @Test func relativeErrorIsSmall() {
        var worst = (error: 0.0, at: Float(0))
        for start in stride(from: Float(-80), to: 0, by: 0.16) {
            let x = (0..<1280).map { start + Float($0) * 1.25e-4 }.filter { $0 <= 0 }
            for (x, power) in zip(x, exponentials(x)) {
                let error = abs(Double(power) - exp(Double(x))) / exp(Double(x))
                if error > worst.error { worst = (error, x) }
            }
        }
        #expect(worst.error < 3e-7, "\(worst)")
        #expect(worst.error > 1e-9, "the grid was visited")
    }

    @Test func ends() {
        #expect(exponentials([0, -0.0]) == [1, 1])
        #expect(exponentials([-.infinity, -1e4, -87.34]) == [0, 0, 0])
        #expect(exponentials([-87.32])[0] > 0)
    }
}
