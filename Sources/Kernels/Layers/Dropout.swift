import CKernels
import KernelChoice
import Random

/// Inverted dropout (Srivastava et al. 2014; scaled as PyTorch does) whose masks are recomputed, never stored.
///
/// Whether an element is dropped is a function of (seed, step, sequence, site, element), so backward applies the very
/// mask of forward, and nothing depends on threads or micro-batches.
public struct Dropout: Sendable {
    /// Where in the network, for which sequence of the batch, at which step.
    public struct Address: Sendable, Hashable {
        public var step: UInt32
        public var sequence: UInt32
        public var site: UInt32

        public init(step: UInt32, sequence: UInt32, site: UInt32) {
            self.step = step
            self.sequence = sequence
            self.site = site
        }
    }

    /// Elements are dropped where 16 random bits are below this.
    private let threshold: UInt32
    private let scale: Float
    private let key: SIMD2<UInt32>

    /// - Parameter probability: of being dropped, in [0, 1), taken to the nearest multiple of 2^-16.
    public init(probability: Float, seed: UInt64) {
        precondition(probability >= 0 && probability < 1)
        threshold = UInt32((probability * 65536).rounded())
        scale = 65536 / (65536 - Float(threshold))
        key = RandomStream(seed: seed, purpose: .dropout).generator.key
    }

    /// Zeroes some of `values` and scales the others, in place. The same call serves the gradient.
    public func apply(to values: consuming MutableSpan<Float>, at address: Address) {
        if threshold == 0 { return }
        let elements = values.address
        drop(UnsafePointer(elements), adding: nil, into: elements, count: values.count, at: address)
    }

    /// output[i] = the value that ``apply(to:at:)`` makes of input[i]
    public func apply(from input: Span<Float>, into output: consuming MutableSpan<Float>, at address: Address) {
        precondition(input.count == output.count)
        drop(input.address, adding: nil, into: output.address, count: input.count, at: address)
    }

    /// values[i] = residual[i] + the value that ``apply(to:at:)`` makes of values[i]: the end of a sublayer.
    public func apply(to values: consuming MutableSpan<Float>, adding residual: Span<Float>, at address: Address) {
        precondition(residual.count == values.count)
        let elements = values.address
        drop(UnsafePointer(elements), adding: residual.address, into: elements, count: residual.count, at: address)
    }

    /// The counter of a draw is (block of 4 words, site, sequence, step); each word decides on two elements.
    private func drop(
        _ input: UnsafePointer<Float>, adding residual: UnsafePointer<Float>?, into output: UnsafeMutablePointer<Float>,
        count: Int, at address: Address
    ) {
        let stream = fast_electra_stream(
            key: (key.x, key.y), y: address.site, z: address.sequence, w: address.step)
        withUnsafePointer(to: fast_electra_dropout(stream: stream, threshold: threshold, scale: scale)) {
            kernels.drop($0, input, residual, output, count)
        }
    }
}
