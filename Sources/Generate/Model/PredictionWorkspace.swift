import Encoder
import Kernels

/// The head's activations of one thread, for up to `rowCapacity` masked positions at a time.
public struct PredictionWorkspace: Sendable {
    public let rowCapacity: Int
    package let hidden: FloatBuffer  // [m, hidden], gathered from the encoder's output
    package let dense: FloatBuffer  // [m, embedding], before the activation
    package let normalised: FloatBuffer  // [m, embedding], x̂ of the layer norm
    package let deviation: FloatBuffer  // [m]
    package let transformed: FloatBuffer  // [m, embedding]
    public let logits: FloatBuffer  // [m, vocabulary]

    public init(_ configuration: EncoderConfiguration, rowCapacity m: Int) {
        rowCapacity = m
        hidden = FloatBuffer(count: m * configuration.hiddenSize)
        dense = FloatBuffer(count: m * configuration.embeddingSize)
        normalised = FloatBuffer(count: m * configuration.embeddingSize)
        deviation = FloatBuffer(count: m)
        transformed = FloatBuffer(count: m * configuration.embeddingSize)
        logits = FloatBuffer(count: m * configuration.vocabularySize)
    }
}

extension MaskedLanguageModel {
    /// Computes the logits at some rows of the encoder's output, into `workspace.logits`, [rows, vocabulary].
    ///
    /// - Precondition: `rows` has at most `workspace.rowCapacity` elements.
    public func predict(
        at rows: Span<Int32>, of hidden: FloatBuffer, arena: ParameterArena, workspace: PredictionWorkspace
    ) {
        let m = rows.count
        precondition(m <= workspace.rowCapacity)
        if m == 0 { return }
        let (hiddenSize, width) = (configuration.hiddenSize, configuration.embeddingSize)
        let elements = 0..<m * width
        Rows.gather(
            hidden.span, at: rows, width: hiddenSize, into: workspace.hidden.mutableSpan(0..<m * hiddenSize))
        Linear.forward(workspace.hidden.span, transform, of: arena, rows: m, into: workspace.dense)
        activation.forward(workspace.dense.span(elements), into: workspace.normalised.mutableSpan(elements))
        LayerNorm.forward(
            workspace.normalised.mutableSpan(elements), weight: arena[transformNorm.weight],
            bias: arena[transformNorm.bias], epsilon: configuration.layerNormEpsilon,
            inverseDeviation: workspace.deviation.mutableSpan(0..<m), into: workspace.transformed.mutableSpan(elements))
        let vocabulary = configuration.vocabularySize
        Rows.fill(workspace.logits.mutableSpan(0..<m * vocabulary), with: arena[decoderBias])
        multiply(
            Factor(workspace.transformed.span, stride: width),
            Factor(arena[decoder], stride: width).transposed, m: m, n: vocabulary, k: width,
            keeping: 1, into: workspace.logits.mutableSpan(0..<m * vocabulary), stride: vocabulary)
    }
}
