import CLibrary
import Random

extension ParameterArena {
    /// Starts every tensor as it was declared: `_init_weights` of `modeling_electra.py`.
    ///
    /// A tensor's values depend on the seed and its place among the declarations, not on other tensors.
    public func initialize(standardDeviation: Float, seed: UInt64) {
        let stream = RandomStream(seed: seed, purpose: .initialization)
        for (index, tensor) in layout.tensors.enumerated() {
            var span = mutableSpan(of: tensor)
            switch tensor.initialization {
            case .zeros:
                for element in span.indices { span[element] = 0 }
            case .ones:
                for element in span.indices { span[element] = 1 }
            case .normal(let rowOfZeros):
                var draws = stream.draws(pass: 0, sequence: UInt64(index), position: 0)
                for element in span.indices { span[element] = standardDeviation * Float.standardNormal(from: &draws) }
                if let row = rowOfZeros {
                    let width = tensor.shape[1]
                    for element in row * width..<(row + 1) * width { span[element] = 0 }
                }
            }
        }
    }
}

extension Float {
    /// A draw from the standard normal distribution (Box & Muller 1958).
    package static func standardNormal(from generator: inout some RandomNumberGenerator) -> Float {
        let radius = (-2 * log(Double(unitInterval: generator.next()))).squareRoot()
        return Float(radius * cos(2 * .pi * Double(unitInterval: generator.next())))
    }
}
