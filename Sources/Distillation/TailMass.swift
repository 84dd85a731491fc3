import CKernels
import KernelChoice

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

    private let tail: fast_electra_tail
    /// [nodes] log Σ exp(β (z - reference)) after ``measure(_:relativeTo:)``, within ``measurementError``.
    private(set) var logMasses: [Double]
    /// [nodes] Scratch.
    private var sums: [Double]

    /// - Parameter nodes: Inverse temperatures, above 0, ascending at equal distances (``TemperatureRange/evenNodes(_:)``).
    init(at nodes: [Double]) {
        let distance = nodes.count > 1 ? (nodes[nodes.count - 1] - nodes[0]) / Double(nodes.count - 1) : 0
        for (index, node) in nodes.enumerated() {
            precondition(abs(node - (nodes[0] + Double(index) * distance)) < 1e-9 * node, "the nodes are not even")
        }
        tail = fast_electra_tail(
            first: Float((nodes.first ?? 0) * 1.4426950408889634), step: Float(distance * 1.4426950408889634),
            // As in a range of 1 to 2 with five nodes.
            is_first_four_steps: abs((nodes.first ?? 0) - 4 * distance) < 1e-9 * distance, node_count: nodes.count)
        logMasses = [Double](repeating: 0, count: nodes.count)
        sums = logMasses
    }

    /// - Parameter logits: At most `reference` + 1; minus infinity counts nothing.
    mutating func measure(_ logits: UnsafeBufferPointer<Float>, relativeTo reference: Float) {
        guard let start = logits.baseAddress else { return }
        withUnsafePointer(to: tail) { kernels.sum_tail($0, start, logits.count, reference, &sums) }
        for node in sums.indices { logMasses[node] = log(sums[node]) }
    }
}
