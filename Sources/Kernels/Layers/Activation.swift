import CKernels
import KernelChoice

/// The function between the two products of a feed-forward block, element by element.
public enum Activation: Sendable, Hashable, CaseIterable {
    /// x Φ(x) (Hendrycks & Gimpel 2016).
    case gelu
    /// GELU as BERT's and ELECTRA's first releases have it: x σ(2 √(2/π) (x + 0.044715 x³)), the same as with a tanh.
    case geluTanh
    /// max(x, 0)
    case relu
    /// x σ(x) (Hendrycks & Gimpel 2016; "swish", Ramachandran et al. 2017).
    case silu

    /// output[i] = f(input[i])
    public func forward(_ input: Span<Float>, into output: consuming MutableSpan<Float>) {
        precondition(input.count == output.count)
        kernels.activate(forKernels, input.address, output.address, input.count)
    }

    /// gradient[i] *= f'(input[i]), and activated[i] = f(input[i]) on the way: backward needs it again, and
    /// recomputing it here is cheaper than keeping it.
    public func backward(
        _ input: Span<Float>, activated: consuming MutableSpan<Float>, gradient: consuming MutableSpan<Float>
    ) {
        precondition(input.count == activated.count && input.count == gradient.count)
        kernels.differentiate_activation(
            forKernels, input.address, activated.address, gradient.address, input.count)
    }

    private var forKernels: fast_electra_activation {
        switch self {
        case .gelu: FAST_ELECTRA_GELU
        case .geluTanh: FAST_ELECTRA_GELU_TANH
        case .relu: FAST_ELECTRA_RELU
        case .silu: FAST_ELECTRA_SILU
        }
    }
}
