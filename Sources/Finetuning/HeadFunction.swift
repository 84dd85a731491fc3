import CLibrary
import Kernels

/// The function between a head's two layers, element by element.
///
/// A head works on one token a text: the plain loops of the hyperbolic tangent cost nothing that could be measured.
enum HeadFunction: Sendable {
    case gelu, relu, tanh

    /// output[i] = f(input[i])
    func forward(_ input: Span<Float>, into output: consuming MutableSpan<Float>) {
        switch self {
        case .gelu: Activation.gelu.forward(input, into: output)
        case .relu: Activation.relu.forward(input, into: output)
        case .tanh:
            var output = output
            for index in input.indices { output[index] = tanhf(input[index]) }
        }
    }

    /// gradient[i] *= f'(input[i]); overwrites `scratch`, which has as many elements.
    func backward(
        _ input: Span<Float>, scratch: consuming MutableSpan<Float>, gradient: consuming MutableSpan<Float>
    ) {
        switch self {
        case .gelu: Activation.gelu.backward(input, activated: scratch, gradient: gradient)
        case .relu: Activation.relu.backward(input, activated: scratch, gradient: gradient)
        case .tanh:
            var gradient = gradient
            for index in input.indices {
                let value = tanhf(input[index])
                gradient[index] *= 1 - value * value
            }
        }
    }
}
