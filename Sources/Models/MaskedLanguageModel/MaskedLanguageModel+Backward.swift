import Kernels

extension MaskedLanguageModel {
    /// From the gradient of the logits in `workspace.logits`, [rows, vocabulary], to that of the encoder's output; adds to
    /// the head's gradients. A decoder tied to the word embeddings gets gradients here and from the encoder.
    ///
    /// - Parameters:
    ///   - rows: of the encoder's output that `predict` was given.
    ///   - hiddenGradient: [tokens, hidden], added to.
    package func backwardPrediction(
        at rows: Span<Int32>, arena: ParameterArena, workspace: PredictionWorkspace, scratch: PredictionGradients,
        hiddenGradient: FloatBuffer, into gradients: ParameterArena
    ) {
        let m = rows.count
        if m == 0 { return }
        let (hiddenSize, width, vocabulary) = (
            configuration.hiddenSize, configuration.embeddingSize, configuration.vocabularySize
        )
        let elements = 0..<m * width
        multiply(
            Factor(workspace.logits.span, stride: vocabulary).transposed,
            Factor(workspace.transformed.span, stride: width), m: vocabulary, n: width, k: m,
            keeping: gradients.keeping(of: decoder), into: gradients.mutableSpan(of: decoder), stride: width)
        Rows.addColumnSums(of: workspace.logits.span(0..<m * vocabulary), to: gradients.mutableSpan(of: decoderBias))
        multiply(
            Factor(workspace.logits.span, stride: vocabulary), Factor(arena[decoder], stride: width), m: m, n: width,
            k: vocabulary, into: scratch.transformed.mutableSpan(elements), stride: width)
        LayerNorm.backward(
            scratch.transformed.mutableSpan(elements), normalized: workspace.normalized.span(elements),
            inverseDeviation: workspace.deviation.span(0..<m), weight: arena[transformNorm.weight],
            weightGradient: gradients.mutableSpan(of: transformNorm.weight),
            biasGradient: gradients.mutableSpan(of: transformNorm.bias))
        activation.backward(
            workspace.dense.span(elements), activated: scratch.activated.mutableSpan(elements),
            gradient: scratch.transformed.mutableSpan(elements))
        Linear.accumulateGradients(
            transform, input: workspace.hidden.span, outputGradient: scratch.transformed.span, rows: m, into: gradients)
        Linear.propagate(scratch.transformed.span, through: transform, of: arena, rows: m, into: scratch.hidden)
        Rows.scatterAdd(
            scratch.hidden.span(0..<m * hiddenSize), to: rows, width: hiddenSize, of: hiddenGradient.mutableSpan)
    }
}

/// The head's gradients of activations in one thread.
package struct PredictionGradients {
    let transformed: FloatBuffer  // [m, embedding]
    let activated: FloatBuffer  // [m, embedding]
    let hidden: FloatBuffer  // [m, hidden]

    package init(_ configuration: EncoderConfiguration, rowCapacity m: Int) {
        transformed = FloatBuffer(count: m * configuration.embeddingSize)
        activated = FloatBuffer(count: m * configuration.embeddingSize)
        hidden = FloatBuffer(count: m * configuration.hiddenSize)
    }

    /// Bytes of the buffers. A test compares the two.
    package static func byteCount(_ configuration: EncoderConfiguration, rowCapacity m: Int) -> Int {
        m * (2 * configuration.embeddingSize + configuration.hiddenSize) * MemoryLayout<Float>.stride
    }
}
