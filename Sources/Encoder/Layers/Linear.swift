import Kernels

/// A linear layer: output[n, o] = input[n, i] · weight[o, i]ᵀ + bias[o]
public enum Linear {
    public static func forward(
        _ input: Span<Float>, _ layer: LinearParameters, of parameters: ParameterArena, rows: Int,
        into output: FloatBuffer
    ) {
        let (wide, narrow) = (layer.outputSize, layer.inputSize)
        multiply(
            Factor(input, stride: narrow), Factor(parameters[layer.weight], stride: narrow).transposed, m: rows,
            n: wide, k: narrow, adding: parameters[layer.bias], into: output.mutableSpan(0..<rows * wide))
    }

    /// Adds to the gradients of weight and bias, given the gradient of the output, [rows, output].
    public static func accumulateGradients(
        _ layer: LinearParameters, input: Span<Float>, outputGradient: Span<Float>, rows: Int,
        into gradients: ParameterArena
    ) {
        let (wide, narrow) = (layer.outputSize, layer.inputSize)
        multiply(
            Factor(outputGradient, stride: wide).transposed, Factor(input, stride: narrow), m: wide, n: narrow, k: rows,
            keeping: 1, into: gradients.mutableSpan(of: layer.weight), stride: narrow)
        Rows.addColumnSums(of: outputGradient.extracting(0..<rows * wide), to: gradients.mutableSpan(of: layer.bias))
    }

    /// inputGradient[n, i] = keeping · inputGradient[n, i] + outputGradient[n, o] · weight[o, i]
    public static func propagate(
        _ outputGradient: Span<Float>, through layer: LinearParameters, of parameters: ParameterArena, rows: Int,
        keeping: Float = 0, into inputGradient: FloatBuffer
    ) {
        let (wide, narrow) = (layer.outputSize, layer.inputSize)
        multiply(
            Factor(outputGradient, stride: wide), Factor(parameters[layer.weight], stride: narrow), m: rows, n: narrow,
            k: wide, keeping: keeping, into: inputGradient.mutableSpan(0..<rows * narrow), stride: narrow)
    }
}
