/// Layer normalisation over rows of `width` floats (Ba, Kiros & Hinton 2016), with the biased variance of PyTorch's
/// `nn.LayerNorm`.
public enum LayerNorm {
    /// Normalises rows in place and scales them.
    ///
    /// - Parameters:
    ///   - rows: [n, width]; on return the normalised rows x̂ = (x - mean) · r, which backward needs.
    ///   - inverseDeviation: [n]; r = 1 / √(variance + epsilon).
    ///   - output: [n, width] = x̂ · weight + bias.
    public static func forward(
        _ rows: consuming MutableSpan<Float>, weight: Span<Float>, bias: Span<Float>, epsilon: Float,
        inverseDeviation: consuming MutableSpan<Float>, into output: consuming MutableSpan<Float>
    ) {
        let (count, width) = (rows.count, weight.count)
        precondition(bias.count == width && width > 0 && count % width == 0)
        precondition(inverseDeviation.count * width == count && output.count == count)
        rows.withUnsafeMutableBufferPointer { rows in
            guard let rows = rows.baseAddress else { return }
            weight.withUnsafeBufferPointer { weight in
                bias.withUnsafeBufferPointer { bias in
                    inverseDeviation.withUnsafeMutableBufferPointer { inverseDeviation in
                        output.withUnsafeMutableBufferPointer { output in
                            for row in 0..<count / width {
                                inverseDeviation[row] = normalize(
                                    rows + row * width, width: width, weight: weight.baseAddress!,
                                    bias: bias.baseAddress!, epsilon: epsilon, into: output.baseAddress! + row * width)
                            }
                        }
                    }
                }
            }
        }
    }

    @inline(__always)
    private static func normalize(
        _ x: UnsafeMutablePointer<Float>, width: Int, weight: UnsafePointer<Float>, bias: UnsafePointer<Float>,
        epsilon: Float, into y: UnsafeMutablePointer<Float>
    ) -> Float {
        var sum = Lanes.zero
        forEachLanes(of: width) { offset, tail in sum += x.lanes(at: offset, tail: tail) }
        let mean = sum.sumOfLanes() / Float(width)
        var squares = Lanes.zero
        forEachLanes(of: width) { offset, tail in
            let centred = x.lanes(at: offset, tail: tail, padding: mean) - mean
            squares = squares.addingProduct(centred, centred)
        }
        let inverse = 1 / (squares.sumOfLanes() / Float(width) + epsilon).squareRoot()
        forEachLanes(of: width) { offset, tail in
            let normalised = (x.lanes(at: offset, tail: tail) - mean) * inverse
            x.store(normalised, at: offset, tail: tail)
            let scaled = bias.lanes(at: offset, tail: tail)
                .addingProduct(normalised, weight.lanes(at: offset, tail: tail))
            y.store(scaled, at: offset, tail: tail)
        }
        return inverse
    }

    /// Turns the gradient of the output into the gradient of the input, in place, and adds to the parameters'.
    ///
    /// With h = gradient · weight: dx = r (h - mean(h) - x̂ mean(h x̂)).
    ///
    /// - Parameters:
    ///   - gradient: [n, width]; of the output on entry, of the input on return.
    ///   - normalised: [n, width]; x̂ as ``forward(_:weight:bias:epsilon:inverseDeviation:into:)`` left it.
    ///   - weightGradient: [width], added to.
    ///   - biasGradient: [width], added to.
    public static func backward(
        _ gradient: consuming MutableSpan<Float>, normalised: Span<Float>, inverseDeviation: Span<Float>,
        weight: Span<Float>, weightGradient: consuming MutableSpan<Float>, biasGradient: consuming MutableSpan<Float>
    ) {
        let (count, width) = (gradient.count, weight.count)
        precondition(width > 0 && normalised.count == count && inverseDeviation.count * width == count)
        precondition(weightGradient.count == width && biasGradient.count == width)
        gradient.withUnsafeMutableBufferPointer { gradient in
            guard let gradient = gradient.baseAddress else { return }
            normalised.withUnsafeBufferPointer { normalised in
                weight.withUnsafeBufferPointer { weight in
                    weightGradient.withUnsafeMutableBufferPointer { weightGradient in
                        biasGradient.withUnsafeMutableBufferPointer { biasGradient in
                            for row in 0..<count / width {
                                differentiate(
                                    gradient + row * width, normalised: normalised.baseAddress! + row * width,
                                    inverseDeviation: inverseDeviation[row], width: width,
                                    weight: weight.baseAddress!, weightGradient: weightGradient.baseAddress!,
                                    biasGradient: biasGradient.baseAddress!)
                            }
                        }
                    }
                }
            }
        }
    }

    @inline(__always)
    private static func differentiate(
        _ g: UnsafeMutablePointer<Float>, normalised: UnsafePointer<Float>, inverseDeviation: Float, width: Int,
        weight: UnsafePointer<Float>, weightGradient: UnsafeMutablePointer<Float>,
        biasGradient: UnsafeMutablePointer<Float>
    ) {
        var (sum, projection) = (Lanes.zero, Lanes.zero)
        forEachLanes(of: width) { offset, tail in
            let gradient = g.lanes(at: offset, tail: tail)
            let x = normalised.lanes(at: offset, tail: tail)
            let h = gradient * weight.lanes(at: offset, tail: tail)
            sum += h
            projection = projection.addingProduct(h, x)
            weightGradient.store(
                weightGradient.lanes(at: offset, tail: tail).addingProduct(gradient, x), at: offset, tail: tail)
            biasGradient.store(biasGradient.lanes(at: offset, tail: tail) + gradient, at: offset, tail: tail)
        }
        let mean = sum.sumOfLanes() / Float(width)
        let meanProjection = projection.sumOfLanes() / Float(width)
        forEachLanes(of: width) { offset, tail in
            let h = g.lanes(at: offset, tail: tail) * weight.lanes(at: offset, tail: tail)
            let x = normalised.lanes(at: offset, tail: tail)
            g.store((h - mean - x * meanProjection) * inverseDeviation, at: offset, tail: tail)
        }
    }
}
