internal import Kernels
package import Models
import Random

/// The parameters of a model in double precision, by their Hugging Face names. A vector is a matrix of one row.
package struct ReferenceParameters: Sendable {
    package var tensors: [String: Matrix] = [:]

    package init(_ arena: ParameterArena) {
        for part in arena.layout.tensors.flatMap(\.parts) {
            let span = arena.values.span(part.range)
            let columns = part.shape[part.shape.count - 1]
            tensors[part.name] = Matrix(
                rows: span.count / columns, columns: columns, elements: span.indices.map { Double(span[$0]) })
        }
    }

    package subscript(name: String) -> Matrix {
        guard let tensor = tensors[name] else { preconditionFailure("no tensor \(name)") }
        return tensor
    }

    /// `input` through the linear layer of a name.
    package func linear(_ input: Matrix, _ name: String) -> Matrix {
        input.linear(weight: self[name + ".weight"], bias: self[name + ".bias"])
    }

    package func layerNorm(_ input: Matrix, _ name: String, epsilon: Float) -> Matrix {
        input.layerNorm(weight: self[name + ".weight"], bias: self[name + ".bias"], epsilon: Double(epsilon))
    }
}

extension ReferenceParameters {
    /// The largest difference between `gradients` and central differences of `loss`, tensor by tensor, over every element;
    /// each relative to the largest element of the tensor's gradient, or a hundredth of the largest of all where that is
    /// more (a bias of the keys has no effect, and so a gradient of rounding errors).
    package func gradientErrors(
        _ gradients: ParameterArena, loss: (ReferenceParameters) -> Double
    ) -> [(tensor: String, error: Double)] {
        var parameters = self
        var results: [(name: String, difference: Double, size: Double)] = []
        for part in gradients.layout.tensors.flatMap(\.parts) {
            let span = gradients.values.span(part.range)
            var (difference, size) = (0.0, 0.0)
            for index in span.indices {
                let value = self[part.name].elements[index]
                let step = 1e-5
                parameters.tensors[part.name]!.elements[index] = value + step
                let above = loss(parameters)
                parameters.tensors[part.name]!.elements[index] = value - step
                let below = loss(parameters)
                parameters.tensors[part.name]!.elements[index] = value
                let expected = (above - below) / (2 * step)
                difference = max(difference, abs(expected - Double(span[index])))
                size = max(size, abs(expected))
            }
            results.append((part.name, difference, size))
        }
        let floor = (results.map(\.size).max() ?? 0) / 100
        return results.map { ($0.name, $0.difference / max($0.size, floor)) }
    }
}

extension ParameterArena {
    /// Random values everywhere, also where a fresh model has zeros and ones, which hide errors.
    /// Of noise that counts as zeros: a gradient must not have anything of it.
    package static func erasedNoise(_ layout: ParameterLayout) -> ParameterArena {
        let arena = ParameterArena(layout)
        arena.fillWithNoise(deviation: 1, seed: 9)
        arena.erase()
        return arena
    }

    package func fillWithNoise(deviation: Float, seed: UInt64) {
        var draws = RandomStream(seed: seed, purpose: .initialization).draws(pass: 1, sequence: 0, position: 0)
        for tensor in layout.tensors {
            var span = mutableSpan(of: tensor)
            let center: Float = tensor.initialization == .ones ? 1 : 0
            for index in span.indices { span[index] = center + deviation * Float.standardNormal(from: &draws) }
        }
    }
}
