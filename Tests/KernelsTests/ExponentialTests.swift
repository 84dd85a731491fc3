import Kernels
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite struct ExponentialTests {
    private func exponential(_ x: Float) -> Float { SIMD16<Float>(repeating: x).exponential()[0] }

    /// The documented bound, on 1.4 million points of the range where floats have all their bits.
    @Test func relativeErrorIsBelowTheDocumentedBound() {
        var worst = (error: 0.0, at: Float(0))
        var x: Float = -87.33
        while x <= 88 {
            let lanes = SIMD16<Float>((0..<16).map { x + Float($0) * 1.25e-4 })
            let ours = lanes.exponential()
            for lane in 0..<16 where lanes[lane] <= 88 {
                let exact = exp(Double(lanes[lane]))
                let error = abs(Double(ours[lane]) - exact) / exact
                if error > worst.error { worst = (error, lanes[lane]) }
            }
            x += 16 * 1.25e-4
        }
        #expect(worst.error < 1e-7, "\(worst)")
        #expect(worst.error > 1e-9, "the grid was visited")
    }

    @Test func ends() {
        #expect(exponential(0) == 1)
        #expect(exponential(-0.0) == 1)
        #expect(exponential(-.infinity) == 0)
        #expect(exponential(-1e4) == 0)
        #expect(exponential(-87.34) == 0)
        #expect(exponential(-87.32) > 0)
        for large: Float in [88, 89, 1e4, .infinity] { #expect(exponential(large) == exponential(88)) }
        #expect(exponential(88).isFinite)
    }
}
