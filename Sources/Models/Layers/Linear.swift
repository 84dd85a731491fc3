import Kernels

/// A linear layer: output[n, o] = input[n, i] · weight[o, i]ᵀ + bias[o]
public enum Linear {
    public static func forward(
        _ input: Span<Float>, _ layer: LinearParameters, of parameters: ParameterArena, rows: Int,
        into output: FloatBuffer
    ) {
        forward(
            input, layer, outputs: 0..<layer.outputSize, of: parameters, rows: rows,
            into: output.mutableSpan(0..<rows * layer.outputSize), stride: layer.outputSize)
    }

    /// Some of the outputs only.
    ///
    /// - Parameter stride: floats from one row of `output` to the next.
    static func forward(
        _ input: Span<Float>, _ layer: LinearParameters, outputs: Range<Int>, of parameters: ParameterArena, rows: Int,
        into output: consuming MutableSpan<Float>, stride: Int
    ) {
        project(
            input, through: layer.weight, bias: layer.bias, outputs: outputs, of: parameters, rows: rows, into: output,
            stride: stride)
    }

    /// output[n, o] = input[n, i] · weight[o, i]ᵀ + bias[o], for the outputs o asked for.
    public static func project(
        _ input: Span<Float>, through weight: Tensor, bias: Tensor, outputs: Range<Int>, of parameters: ParameterArena,
        rows: Int, into output: consuming MutableSpan<Float>, stride: Int
    ) {
        let narrow = weight.shape[1]
        let bias = parameters[bias].extracting(outputs)
        if let panels = parameters.panels(of: weight), outputs.lowerBound % PackedFactor.columnMultiple == 0 {
            multiply(
                Factor(input, stride: narrow), panels, columns: outputs, m: rows, adding: bias, into: output,
                stride: stride)
        } else {
            let weight = parameters[weight].extracting(outputs.lowerBound * narrow..<outputs.upperBound * narrow)
            multiply(
                Factor(input, stride: narrow), Factor(weight, stride: narrow).transposed, m: rows, n: outputs.count,
                k: narrow, adding: bias, into: output, stride: stride)
        }
    }

    /// Adds to the gradients of weight and bias, given the gradient of the output, [rows, output].
    public static func accumulateGradients(
        _ layer: LinearParameters, input: Span<Float>, outputGradient: Span<Float>, rows: Int,
        into gradients: ParameterArena
    ) {
        if rows == 0 { return }
        let (wide, narrow) = (layer.outputSize, layer.inputSize)
        multiply(
            Factor(outputGradient, stride: wide).transposed, Factor(input, stride: narrow), m: wide, n: narrow, k: rows,
            keeping: gradients.keeping(of: layer.weight), into: gradients.mutableSpan(of: layer.weight), stride: narrow)
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
