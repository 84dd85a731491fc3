import Kernels

/// The head's activations of one thread, for up to `rowCapacity` masked positions at a time.
public struct PredictionWorkspace {
    public let rowCapacity: Int
    package let hidden: FloatBuffer  // [m, hidden], gathered from the encoder's output
    package let dense: FloatBuffer  // [m, embedding], before the activation
    package let normalized: FloatBuffer  // [m, embedding], x̂ of the layer norm
    package let deviation: FloatBuffer  // [m]
    package let transformed: FloatBuffer  // [m, embedding]
    public let logits: FloatBuffer  // [m, vocabulary]

    public init(_ configuration: EncoderConfiguration, rowCapacity m: Int) {
        rowCapacity = m
        hidden = FloatBuffer(count: m * configuration.hiddenSize)
        dense = FloatBuffer(count: m * configuration.embeddingSize)
        normalized = FloatBuffer(count: m * configuration.embeddingSize)
        deviation = FloatBuffer(count: m)
        transformed = FloatBuffer(count: m * configuration.embeddingSize)
        logits = FloatBuffer(count: m * configuration.vocabularySize)
    }

    /// Bytes of the buffers that a workspace allocates. A test compares the two.
    public static func byteCount(_ configuration: EncoderConfiguration, rowCapacity m: Int) -> Int {
        m * (configuration.hiddenSize + 3 * configuration.embeddingSize + 1 + configuration.vocabularySize)
            * MemoryLayout<Float>.stride
    }
}

extension MaskedLanguageModel {
    /// Computes the logits at some rows of the encoder's output, into `workspace.logits`, [rows, vocabulary].
    ///
    /// - Precondition: `rows` has at most `workspace.rowCapacity` elements.
    public func predict(
        at rows: Span<Int32>, of hidden: FloatBuffer, arena: ParameterArena, workspace: PredictionWorkspace
    ) {
        let gathered = 0..<rows.count * configuration.hiddenSize
        Rows.gather(
            hidden.span, at: rows, width: configuration.hiddenSize, into: workspace.hidden.mutableSpan(gathered))
        predict(workspace.hidden.span(gathered), rows: rows.count, arena: arena, workspace: workspace)
    }

    /// Computes the logits of rows that lie side by side, [rows, hidden].
    public func predict(
        _ hidden: Span<Float>, rows m: Int, arena: ParameterArena, workspace: PredictionWorkspace
    ) {
        precondition(m <= workspace.rowCapacity)
        if m == 0 { return }
        let width = configuration.embeddingSize
        let elements = 0..<m * width
        Linear.forward(hidden, transform, of: arena, rows: m, into: workspace.dense)
        activation.forward(workspace.dense.span(elements), into: workspace.normalized.mutableSpan(elements))
        LayerNorm.forward(
            workspace.normalized.mutableSpan(elements), weight: arena[transformNorm.weight],
            bias: arena[transformNorm.bias], epsilon: configuration.layerNormEpsilon,
            inverseDeviation: workspace.deviation.mutableSpan(0..<m), into: workspace.transformed.mutableSpan(elements))
        let vocabulary = configuration.vocabularySize
        Linear.project(
            workspace.transformed.span, through: decoder, bias: decoderBias, outputs: 0..<vocabulary, of: arena,
            rows: m,
            into: workspace.logits.mutableSpan(0..<m * vocabulary), stride: vocabulary)
    }
}
