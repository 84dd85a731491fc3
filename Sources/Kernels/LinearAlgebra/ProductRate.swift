import Dispatch
import Synchronization

/// How fast this machine multiplies matrices with the kernels in use. The speed of a model is compared with it.
public enum ProductRate {
    private static let size = 512

    /// Rounds that are measured: other programs, and neighbors of a virtual machine, take time from some of them.
    private static let rounds = 8

    /// Floating-point operations a second of products of 512 x 512, on all threads at once: the best of some rounds.
    ///
    /// - Parameter seconds: of a round.
    public static func measure(threads: Int, seconds: Double = 0.03) -> Double {
        (0..<rounds).reduce(0) { best, _ in max(best, round(threads: threads, seconds: seconds)) }
    }

    private static func round(threads: Int, seconds: Double) -> Double {
        let rates = Mutex<[Double]>([])
        DispatchQueue.concurrentPerform(iterations: threads) { _ in
            let (left, right, result) = (
                FloatBuffer(count: size * size), FloatBuffer(count: size * size), FloatBuffer(count: size * size)
            )
            func product() {
                multiply(
                    Factor(left.span, stride: size), Factor(right.span, stride: size), m: size, n: size, k: size,
                    into: result.mutableSpan, stride: size)
            }
            // Clears pages and fills caches.
            product()
            let start = ContinuousClock.now
            var count = 0.0
            var took = 0.0
            while took < seconds {
                product()
                count += 1
                took = (ContinuousClock.now - start) / .seconds(1)
            }
            let operations = 2 * Double(size) * Double(size) * Double(size)
            rates.withLock { $0.append(count * operations / took) }
        }
        return rates.withLock { $0.reduce(0, +) }
    }
}
