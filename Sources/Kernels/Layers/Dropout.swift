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
            guard let values = values.baseAddress else { return }
            forEachLanes(of: count, at: address) { offset, tail, kept in
                values.store(drop(values.lanes(at: offset, tail: tail), kept), at: offset, tail: tail)
            }
        }
    }

    /// output[i] = what ``apply(to:at:)`` makes of input[i]
    public func apply(from input: Span<Float>, into output: consuming MutableSpan<Float>, at address: Address) {
        precondition(input.count == output.count)
        let count = input.count
        input.withUnsafeBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                guard let input = input.baseAddress, let output = output.baseAddress else { return }
                forEachLanes(of: count, at: address) { offset, tail, kept in
                    output.store(drop(input.lanes(at: offset, tail: tail), kept), at: offset, tail: tail)
                }
            }
        }
    }

    /// values[i] = residual[i] + what ``apply(to:at:)`` makes of values[i]: how a sublayer ends.
    public func apply(to values: consuming MutableSpan<Float>, adding residual: Span<Float>, at address: Address) {
        precondition(residual.count == values.count)
        let count = residual.count
        residual.withUnsafeBufferPointer { residual in
            values.withUnsafeMutableBufferPointer { values in
                guard let residual = residual.baseAddress, let values = values.baseAddress else { return }
                forEachLanes(of: count, at: address) { offset, tail, kept in
                    let dropped = drop(values.lanes(at: offset, tail: tail), kept)
                    values.store(residual.lanes(at: offset, tail: tail) + dropped, at: offset, tail: tail)
                }
            }
        }
    }

    /// Scaled where every bit of `kept` is set, 0 where none is.
    @inline(__always)
    private func drop(_ values: Lanes, _ kept: SIMD16<Int32>) -> Lanes {
        unsafeBitCast(unsafeBitCast(values * scale, to: SIMD16<Int32>.self) & kept, to: Lanes.self)
    }

    /// `body(offset, tail, kept)` for every sixteen of `count` elements; all bits of a lane of `kept` are set, or none.
    @inline(__always)
    private func forEachLanes(
        of count: Int, at address: Address, _ body: (_ offset: Int, _ tail: Int?, _ kept: SIMD16<Int32>) -> Void
    ) {
        var offset = 0
        // 16 blocks of 4 words of 2 decisions: 128 elements at a time.
        while offset + 128 <= count {
            let words = words(from: offset, at: address)
            body(offset, nil, firstDecisions(words.0))
            body(offset + 16, nil, secondDecisions(words.0))
            body(offset + 32, nil, firstDecisions(words.1))
            body(offset + 48, nil, secondDecisions(words.1))
            body(offset + 64, nil, firstDecisions(words.2))
            body(offset + 80, nil, secondDecisions(words.2))
            body(offset + 96, nil, firstDecisions(words.3))
            body(offset + 112, nil, secondDecisions(words.3))
            offset += 128
        }
        if offset == count { return }
        let words = words(from: offset, at: address)
        for word in [words.0, words.1, words.2, words.3] {
            for decisions in [firstDecisions(word), secondDecisions(word)] where offset < count {
                body(offset, offset + 16 <= count ? nil : count - offset, decisions)
                offset += 16
            }
        }
    }

    @inline(__always)
    private func words(
        from offset: Int, at address: Address
    ) -> (Philox4x32.Words, Philox4x32.Words, Philox4x32.Words, Philox4x32.Words) {
        generator.words(
            first: UInt32(truncatingIfNeeded: offset / 128 * 16), address.site, address.sequence, address.step)
    }

    @inline(__always)
    private func firstDecisions(_ words: Philox4x32.Words) -> SIMD16<Int32> {
        decisions(unsafeBitCast(words & 0xFFFF, to: SIMD16<Int32>.self))
    }

    @inline(__always)
    private func secondDecisions(_ words: Philox4x32.Words) -> SIMD16<Int32> {
        decisions(unsafeBitCast(words &>> 16, to: SIMD16<Int32>.self))
    }

    /// Kept where `bits` are not below the threshold: the sign of threshold - 1 - bits, spread over the lane. A comparison
    /// of integers would go lane by lane (Swift 6.3).
    @inline(__always)
    private func decisions(_ bits: SIMD16<Int32>) -> SIMD16<Int32> {
        (SIMD16(repeating: Int32(threshold) &- 1) &- bits) &>> 31
    }
}
