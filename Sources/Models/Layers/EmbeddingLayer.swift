import Kernels

/// Word + position + token type, layer norm, dropout, and the projection where sizes differ (`ElectraEmbeddings` and
/// `embeddings_project`).
struct EmbeddingLayer {
    let parameters: EncoderParameters
    /// The row of the position table that a sequence's first token has.
    let firstPosition: Int
    let epsilon: Float

    private var width: Int { parameters.wordEmbeddings.shape[1] }

    func forward(_ pass: ForwardPass) {
        let (batch, arena, workspace) = (pass.batch, pass.arena, pass.workspace)
        let (n, width) = (batch.count, width)
        let elements = 0..<n * width
        let sum = workspace.embeddingsNormalized
        Rows.gather(
            arena[parameters.wordEmbeddings], at: batch.tokens.span, width: width, into: sum.mutableSpan(elements))
        Rows.gather(
            arena[parameters.positionEmbeddings].extracting(droppingFirst: firstPosition * width),
            at: batch.positions.span, width: width, into: workspace.embeddings.mutableSpan(elements))
        Rows.add(workspace.embeddings.span(elements), to: sum.mutableSpan(elements))
        if let tokenTypes = parameters.tokenTypeEmbeddings {
            Rows.gather(
                arena[tokenTypes], at: batch.tokenTypes.span, width: width,
                into: workspace.embeddings.mutableSpan(elements))
            Rows.add(workspace.embeddings.span(elements), to: sum.mutableSpan(elements))
        }
        LayerNorm.forward(
            sum.mutableSpan(elements), weight: arena[parameters.embeddingNorm.weight],
            bias: arena[parameters.embeddingNorm.bias], epsilon: epsilon,
            inverseDeviation: workspace.embeddingsDeviation.mutableSpan(0..<n),
            into: workspace.embeddings.mutableSpan(elements))
        pass.dropout?.applyHidden(to: workspace.embeddings, width: width, of: batch, at: .embeddings)
        if let projection = parameters.projection, let projected = workspace.projected {
            Linear.forward(workspace.embeddings.span(elements), projection, of: arena, rows: n, into: projected)
        }
    }

    /// Adds to all gradients, given that of the first layer's input in `pass.gradient.hidden`.
    func backward(_ pass: BackwardPass) {
        let (batch, arena, workspace) = (pass.forward.batch, pass.forward.arena, pass.forward.workspace)
        let (gradient, gradients) = (pass.gradient, pass.gradients)
        let (n, width) = (batch.count, width)
        let elements = 0..<n * width
        if let projection = parameters.projection {
            Linear.accumulateGradients(
                projection, input: workspace.embeddings.span(elements), outputGradient: gradient.hidden.span, rows: n,
                into: gradients)
            Linear.propagate(
                gradient.hidden.span, through: projection, of: arena, rows: n, into: gradient.embeddings)
        } else {
            Rows.copy(gradient.hidden.span(elements), to: gradient.embeddings.mutableSpan(elements))
        }
        pass.forward.dropout?.applyHidden(to: gradient.embeddings, width: width, of: batch, at: .embeddings)
        LayerNorm.backward(
            gradient.embeddings.mutableSpan(elements), normalized: workspace.embeddingsNormalized.span(elements),
            inverseDeviation: workspace.embeddingsDeviation.span(0..<n), weight: arena[parameters.embeddingNorm.weight],
            weightGradient: gradients.mutableSpan(of: parameters.embeddingNorm.weight),
            biasGradient: gradients.mutableSpan(of: parameters.embeddingNorm.bias))
        let sum = gradient.embeddings.span(elements)
        Rows.scatterAdd(
            sum, to: batch.tokens.span, width: width, of: gradients.mutableSpan(of: parameters.wordEmbeddings))
        var positions = gradients.mutableSpan(of: parameters.positionEmbeddings)
        Rows.scatterAdd(
            sum, to: batch.positions.span, width: width,
            of: positions.extracting(droppingFirst: firstPosition * width))
        if let tokenTypes = parameters.tokenTypeEmbeddings {
            Rows.scatterAdd(
                sum, to: batch.tokenTypes.span, width: width, of: gradients.mutableSpan(of: tokenTypes))
        }
    }
}
