import CKernels
import CLibrary
import KernelChoice

/// The tail's log-mass at some temperatures, from the logits.
struct TailMass {
    /// How far off a log-mass is at most.
    static let measurementError = 3e-5

    /// [nodes] 1/T times log2 e, ascending.
    private let scales: [Float]
    /// [nodes] Steps of an even grid between the inverse temperatures; empty where they do not lie on one.
    private let strides: [Int32]
    private let step: Float
    /// [nodes] Σ exp((z - reference) / T) after ``measure(_:relativeTo:)``, by T ascending; its logarithm is within
    /// ``measurementError``.
    private(set) var sums: [Double]

    /// - Parameter temperatures: Ascending, at most 64.
    init(at temperatures: [Double]) {
        let inverses = temperatures.reversed().map { 1 / $0 }
        scales = inverses.map { Float($0 * 1.4426950408889634) }
        let grid = InverseGrid(through: inverses)
        strides = grid.map { [0] + $0.strides } ?? []
        step = grid.map { Float($0.step * 1.4426950408889634) } ?? 0
        sums = [Double](repeating: 0, count: temperatures.count)
    }

    /// - Parameter logits: At most `reference` + 1; minus infinity counts nothing.
    mutating func measure(_ logits: UnsafeBufferPointer<Float>, relativeTo reference: Float) {
        guard let start = logits.baseAddress, !scales.isEmpty else { return }
        scales.withUnsafeBufferPointer { scales in
            strides.withUnsafeBufferPointer { strides in
                guard let first = scales.baseAddress else { return }
                var tail = fast_electra_tail(
                    scales: first, node_count: scales.count, strides: strides.isEmpty ? nil : strides.baseAddress,
                    step: step)
                kernels.sum_tail(&tail, start, logits.count, reference, &sums)
            }
        }
        sums.reverse()
    }
}

/// Inverse temperatures on an even grid: all powers exp(z/T) of a logit are then products of two exponentials.
struct InverseGrid {
    /// Of the grid that nodes are put on. With 36, nine nodes keep the limit from 1 to 2 as they do where they would lie without a grid.
    static let stepCount = 36

    let step: Double
    /// [nodes - 1] Steps between each inverse temperature and the next.
    let strides: [Int32]

    /// - Returns: nil if the inverse temperatures, ascending, do not lie on a grid of ``stepCount`` steps.
    init?(through inverses: [Double]) {
        guard let first = inverses.first, let last = inverses.last, last > first else { return nil }
        let step = (last - first) / Double(Self.stepCount)
        let places = inverses.map { (($0 - first) / step).rounded() }
        guard zip(inverses, places).allSatisfy({ abs($0 - (first + $1 * step)) < 1e-9 * last }) else { return nil }
        self.step = step
        strides = zip(places.dropFirst(), places).map { Int32($0 - $1) }
        guard strides.allSatisfy({ (1...Int32(FAST_ELECTRA_LONGEST_STRIDE)).contains($0) }) else { return nil }
    }
}
