#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The tail's log-mass at evenly spaced inverse temperatures, all in one pass over the logits.
struct TailMass {
    /// How far off a log-mass is at most.
    static let measurementError = 3e-5

    /// β of the first node, and the distance from one to the next, both times log2 e.
    private let first: Float
    private let step: Float
    /// Whether the first β is four steps, as in a range of 1 to 2 with five nodes: then one exponential gives all powers.
    private let isFirstFourSteps: Bool
    /// [nodes] log Σ exp(β (z - reference)) after ``measure(_:relativeTo:)``, within ``measurementError``.
    private(set) var logMasses: [Double]
    /// [nodes] Sums of the lanes.
    private var sums: [SIMD16<Float>]

    /// - Parameter nodes: Inverse temperatures, above 0, ascending at equal distances (``TemperatureRange/evenNodes(_:)``).
    init(at nodes: [Double]) {
        let distance = nodes.count > 1 ? (nodes[nodes.count - 1] - nodes[0]) / Double(nodes.count - 1) : 0
        for (index, node) in nodes.enumerated() {
            precondition(abs(node - (nodes[0] + Double(index) * distance)) < 1e-9 * node, "the nodes are not even")
        }
        first = Float((nodes.first ?? 0) * 1.4426950408889634)
        step = Float(distance * 1.4426950408889634)
        isFirstFourSteps = abs((nodes.first ?? 0) - 4 * distance) < 1e-9 * distance
        logMasses = [Double](repeating: 0, count: nodes.count)
        sums = [SIMD16<Float>](repeating: .zero, count: nodes.count)
    }

    /// - Parameter logits: At most `reference` + 1; minus infinity counts nothing.
    mutating func measure(_ logits: UnsafeBufferPointer<Float>, relativeTo reference: Float) {
        switch sums.count {
        case 5: sumFive(logits, reference)
        default: sumAny(logits, reference)
        }
        for node in sums.indices {
            var total = 0.0
            for lane in 0..<16 { total += Double(sums[node][lane]) }
            logMasses[node] = log(total)
        }
    }

    /// What shards are made with: sums in registers.
    private mutating func sumFive(_ logits: UnsafeBufferPointer<Float>, _ reference: Float) {
        var sums = (
            SIMD16<Float>.zero, SIMD16<Float>.zero, SIMD16<Float>.zero, SIMD16<Float>.zero, SIMD16<Float>.zero
        )
        forEachVector(of: logits) { vector in
            let deficit = vector - reference
            let factor = bounded(deficit * step, to: -15)
            var power: SIMD16<Float>
            if isFirstFourSteps {
                power = factor * factor
                power *= power
            } else {
                power = bounded(deficit * first, to: -60)
            }
            sums.0 += power
            power *= factor
            sums.1 += power
            power *= factor
            sums.2 += power
            power *= factor
            sums.3 += power
            power *= factor
            sums.4 += power
        }
        self.sums = [sums.0, sums.1, sums.2, sums.3, sums.4]
    }

    private mutating func sumAny(_ logits: UnsafeBufferPointer<Float>, _ reference: Float) {
        for node in sums.indices {
            var sum = SIMD16<Float>.zero
            let scale = first + Float(node) * step
            forEachVector(of: logits) { sum += bounded(($0 - reference) * scale, to: -125) }
            sums[node] = sum
        }
    }

    /// 2^x, where x is taken as `lowest` below it: no sum notices, and products of such powers stay normal numbers.
    @inline(__always)
    private func bounded(_ x: SIMD16<Float>, to lowest: Float) -> SIMD16<Float> {
        exponentialBase2(x.replacing(with: lowest, where: x .< lowest))
    }

    /// Visits all logits, sixteen at a time, the last ones with minus infinity behind them.
    @inline(__always)
    private func forEachVector(of logits: UnsafeBufferPointer<Float>, _ body: (SIMD16<Float>) -> Void) {
        guard let base = logits.baseAddress.map({ UnsafeRawPointer($0) }) else { return }
        var index = 0
        while index + 16 <= logits.count {
            body(base.loadUnaligned(fromByteOffset: 4 * index, as: SIMD16<Float>.self))
            index += 16
        }
        if index < logits.count {
            var rest = SIMD16<Float>(repeating: -.infinity)
            for lane in 0..<logits.count - index { rest[lane] = logits[index + lane] }
            body(rest)
        }
    }
}

/// 2^x for x from -125 to 64, within 3e-6 of it.
@inline(__always)
private func exponentialBase2(_ x: SIMD16<Float>) -> SIMD16<Float> {
    // Adding 1.5 × 2^23 rounds to an integer and leaves it in the low bits.
    let shifted = x + 0x1.8p23
    let fraction = x - (shifted - 0x1.8p23)
    // Minimax in the relative error on [-1/2, 1/2], by Lawson's algorithm.
    var power = SIMD16<Float>(repeating: 0x1.3997d6p-7)
    power = SIMD16(repeating: 0x1.ca1440p-5).addingProduct(power, fraction)
    power = SIMD16(repeating: 0x1.ec06dap-3).addingProduct(power, fraction)
    power = SIMD16(repeating: 0x1.62e0dcp-1).addingProduct(power, fraction)
    power = SIMD16(repeating: 0x1.ffffe8p-1).addingProduct(power, fraction)
    let exponent = unsafeBitCast(shifted, to: SIMD16<UInt32>.self) &<< 23
    return unsafeBitCast(unsafeBitCast(power, to: SIMD16<UInt32>.self) &+ exponent, to: SIMD16<Float>.self)
}
