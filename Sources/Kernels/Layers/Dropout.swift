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
    private let generator: Philox4x32

    /// - Parameter probability: of being dropped, in [0, 1), taken to the nearest multiple of 2^-16.
    public init(probability: Float, seed: UInt64) {
        precondition(probability >= 0 && probability < 1)
        threshold = UInt32((probability * 65536).rounded())
        scale = 65536 / (65536 - Float(threshold))
        generator = RandomStream(seed: seed, purpose: .dropout).generator
    }

    /// Zeroes some of `values` and scales the others, in place. The same call serves the gradient.
    public func apply(to values: consuming MutableSpan<Float>, at address: Address) {
        if threshold == 0 { return }
        let count = values.count
        values.withUnsafeMutableBufferPointer { values in
            guard let start = values.baseAddress else { return }
            // 16 blocks of 4 words of 2 decisions: 128 elements at a time.
            for group in 0..<(count + 127) / 128 {
                let words = generator.words(
                    first: UInt32(truncatingIfNeeded: group * 16), address.site, address.sequence, address.step)
                apply(words.0, to: start, from: group * 128, count: count)
                apply(words.1, to: start, from: group * 128 + 32, count: count)
                apply(words.2, to: start, from: group * 128 + 64, count: count)
                apply(words.3, to: start, from: group * 128 + 96, count: count)
            }
        }
    }

    @inline(__always)
    private func apply(
        _ words: SIMD16<UInt32>, to values: UnsafeMutablePointer<Float>, from offset: Int, count: Int
    ) {
        apply(words & 0xFFFF, to: values, at: offset, count: count)
        apply(words &>> 16, to: values, at: offset + 16, count: count)
    }

    @inline(__always)
    private func apply(
        decisions: SIMD16<UInt32>, to values: UnsafeMutablePointer<Float>, at offset: Int, tail: Int?
    ) {
        let scaled = values.lanes(at: offset, tail: tail) * scale
        values.store(scaled.replacing(with: 0, where: decisions .< threshold), at: offset, tail: tail)
    }

    @inline(__always)
    private func apply(
        _ decisions: SIMD16<UInt32>, to values: UnsafeMutablePointer<Float>, at offset: Int, count: Int
    ) {
        if offset + 16 <= count {
            apply(decisions: decisions, to: values, at: offset, tail: nil)
        } else if offset < count {
            apply(decisions: decisions, to: values, at: offset, tail: count - offset)
        }
    }
}
