import Dispatch
import KernelChoice
import Kernels

/// GFLOP/s of matrix products, ours and OpenBLAS's, at the shapes of an encoder.
struct ProductRates {
    struct Shape {
        let name: String
        let m: Int
        let n: Int
        let k: Int
        var leftIsTransposed = false
        var rightIsTransposed = false
    }

    /// "The sgemm rate" is that of the first.
    static let shapes = [
        Shape(name: "square, 1,024", m: 1024, n: 1024, k: 1024),
        Shape(name: "small: query, key and value", m: 512, n: 768, k: 256, rightIsTransposed: true),
        Shape(name: "small: feed-forward, up", m: 512, n: 1024, k: 256, rightIsTransposed: true),
        Shape(name: "small: feed-forward, down", m: 512, n: 256, k: 1024, rightIsTransposed: true),
        Shape(name: "small: gradient of an input", m: 512, n: 256, k: 768),
        Shape(name: "small: gradient of a weight", m: 768, n: 256, k: 512, leftIsTransposed: true),
        Shape(name: "attention: scores", m: 128, n: 128, k: 64, rightIsTransposed: true),
        Shape(name: "attention: context", m: 128, n: 64, k: 128),
        Shape(name: "base: feed-forward, up", m: 512, n: 3072, k: 768, rightIsTransposed: true),
        Shape(name: "base: gradient of a weight", m: 3072, n: 768, k: 512, leftIsTransposed: true),
        Shape(name: "head of 30,522", m: 320, n: 30522, k: 128, rightIsTransposed: true),
    ]

    struct Rate {
        let shape: Shape
        /// GFLOP/s, all threads together.
        let ours: Double
        /// `nil` without OpenBLAS.
        let library: Double?
    }

    let rates: [Rate]
    let threads: Int

    init(_ shapes: [Shape] = Self.shapes, threads: Int) {
        self.threads = threads
        rates = shapes.map { shape in
            Rate(
                shape: shape, ours: Self.rate(shape, threads: threads, library: nil),
                library: OpenBLAS.library.map { Self.rate(shape, threads: threads, library: $0) })
        }
    }

    private static func rate(_ shape: Shape, threads: Int, library: OpenBLAS?) -> Double {
        let operations = Double(2 * shape.m * shape.n * shape.k)
        let rounds = max(1, Int(2e9 / operations))
        let matrices = (0..<threads).map { _ in Matrices(of: shape) }
        // The threads of a process that has just begun share a core for a moment.
        _ = measure {
            DispatchQueue.concurrentPerform(iterations: threads) { thread in
                for _ in 0..<10 * rounds { multiply(shape, matrices[thread], library: library) }
            }
        }
        let seconds = (0..<7).map { _ in
            measure {
                DispatchQueue.concurrentPerform(iterations: threads) { thread in
                    for _ in 0..<rounds { multiply(shape, matrices[thread], library: library) }
                }
            }
        }
        return operations * Double(rounds * threads) / seconds.sorted()[3] / 1e9
    }

    /// One thread's; no other touches them.
    private final class Matrices: @unchecked Sendable {
        let left: FloatBuffer
        let right: FloatBuffer
        let result: FloatBuffer

        /// Denormals and infinities would be another measurement.
        init(of shape: Shape) {
            left = FloatBuffer(count: shape.m * shape.k)
            right = FloatBuffer(count: shape.n * shape.k)
            result = FloatBuffer(count: shape.m * shape.n)
            left.fill(with: 0.5)
            right.fill(with: 0.25)
        }
    }

    private static func multiply(_ shape: Shape, _ matrices: Matrices, library: OpenBLAS?) {
        let (m, n, k) = (shape.m, shape.n, shape.k)
        let (left, right, result) = (matrices.left, matrices.right, matrices.result)
        let a = Factor(left.span, stride: shape.leftIsTransposed ? m : k)
        let b = Factor(right.span, stride: shape.rightIsTransposed ? k : n)
        if let library {
            library.multiply(
                shape.leftIsTransposed ? a.transposed : a, shape.rightIsTransposed ? b.transposed : b, m: m, n: n, k: k,
                into: result.mutableSpan, stride: n)
        } else {
            Kernels.multiply(
                shape.leftIsTransposed ? a.transposed : a, shape.rightIsTransposed ? b.transposed : b, m: m, n: n, k: k,
                into: result.mutableSpan, stride: n)
        }
    }

    func printTable() {
        print(
            "matrix products, \(threads) threads, GFLOP/s: \(KernelSet.inUse), OpenBLAS \(OpenBLAS.library?.coreName ?? "is not here")"
        )
        for rate in rates {
            let shape = rate.shape
            print(
                "  \(shape.name) (\(shape.m) x \(shape.n) x \(shape.k)): \(fixed(rate.ours, 0)), \(rate.library.map { fixed($0, 0) } ?? "-")"
            )
        }
    }

    func printJSON() {
        print(
            "{\"square_gflops\": \(fixed(rates[0].ours, 1)),"
                + " \"openblas_square_gflops\": \(rates[0].library.map { fixed($0, 1) } ?? "null"),"
                + " \"openblas\": \"\(OpenBLAS.library?.coreName ?? "")\", \"products\": \"\(KernelSet.inUse)\"}"
        )
    }
}

func measure(_ work: () -> Void) -> Double {
    let clock = ContinuousClock()
    return clock.measure(work) / .seconds(1)
}

func fixed(_ value: Double, _ places: Int) -> String {
    var scale = 1.0
    for _ in 0..<places { scale *= 10 }
    let rounded = (value * scale).rounded() / scale
    return places == 0 ? "\(Int(rounded))" : "\(rounded)"
}
