import CKernels
import KernelChoice

/// Layer normalization over rows of `width` floats (Ba, Kiros & Hinton 2016), with the biased variance of PyTorch's
/// `nn.LayerNorm`.
public enum LayerNorm {
    /// Normalizes rows in place and scales them.
    ///
    /// - Parameters:
    ///   - rows: [n, width]; on return the normalized rows x̂ = (x - mean) · r, which backward needs.
    ///   - inverseDeviation: [n]; r = 1 / √(variance + epsilon).
    ///   - output: [n, width] = x̂ · weight + bias.
    public static func forward(
        _ rows: consuming MutableSpan<Float>, weight: Span<Float>, bias: Span<Float>, epsilon: Float,
        inverseDeviation: consuming MutableSpan<Float>, into output: consuming MutableSpan<Float>
    ) {
        let (count, width) = (rows.count, weight.count)
        precondition(bias.count == width && width > 0 && count % width == 0)
        precondition(inverseDeviation.count * width == count && output.count == count)
        kernels.layer_norm(
            rows.address, weight.address, bias.address, epsilon, inverseDeviation.address, output.address,
            count / width, width)
    }

    /// Turns the gradient of the output into the gradient of the input, in place, and adds to the parameters'.
    ///
    /// With h = gradient · weight: dx = r (h - mean(h) - x̂ mean(h x̂)).
    ///
    /// - Parameters:
    ///   - gradient: [n, width]; of the output on entry, of the input on return.
    ///   - normalized: [n, width]; x̂ as ``forward(_:weight:bias:epsilon:inverseDeviation:into:)`` left it.
    ///   - weightGradient: [width], added to.
    ///   - biasGradient: [width], added to.
    public static func backward(
        _ gradient: consuming MutableSpan<Float>, normalized: Span<Float>, inverseDeviation: Span<Float>,
        weight: Span<Float>, weightGradient: consuming MutableSpan<Float>, biasGradient: consuming MutableSpan<Float>
    ) {
        let (count, width) = (gradient.count, weight.count)
        precondition(width > 0 && normalized.count == count && inverseDeviation.count * width == count)
        precondition(weightGradient.count == width && biasGradient.count == width)
        kernels.differentiate_layer_norm(
            gradient.address, normalized.address, inverseDeviation.address, weight.address, weightGradient.address,
            biasGradient.address, count / width, width)
    }
}
