/// A BERT-like encoder: from token ids to hidden states and back, with gradients.
///
/// Matches `ElectraModel` (`modeling_electra.py`) and, as its cases, `BertModel` (no projection), `RobertaModel` (positions
/// that begin later) and `DistilBertModel` (no token types). The encoder owns no memory: parameters live in a
/// ``ParameterArena`` that threads share, activations in an ``EncoderWorkspace`` each.
public struct TransformerEncoder: Sendable {
    public let configuration: EncoderConfiguration
    public let parameters: EncoderParameters

    /// - Parameter names: the family's names of its tensors.
    public init(
        _ configuration: EncoderConfiguration, named names: EncoderNames, declaredIn layout: inout ParameterLayout
    ) {
        self.configuration = configuration
        parameters = EncoderParameters(configuration, named: names, declaredIn: &layout)
    }

    /// Computes the hidden states of `batch` into `workspace.output`, [tokens, hidden].
    ///
    /// - Precondition: tokens are below the vocabulary size, sequences at most the maximum sequence length, and the batch
    ///   fits the workspace.
    public func forward(
        _ batch: borrowing TokenBatch, arena: ParameterArena, workspace: EncoderWorkspace, dropout: DropoutPlan? = nil
    ) {
        precondition(batch.count <= workspace.tokenCapacity, "the batch is larger than the workspace")
        let pass = ForwardPass(batch: copy batch, arena: arena, workspace: workspace, dropout: dropout)
        embeddingLayer.forward(pass)
        for index in 0..<configuration.layerCount { layer(index).forward(pass) }
    }

    /// Computes the hidden states of some tokens only, into `workspace.output`, [selected, hidden]: the last layer does less.
    ///
    /// - Parameter rows: [selected], rising.
    /// - Precondition: as for the whole; the workspace is for inference.
    public func forward(
        _ batch: borrowing TokenBatch, at rows: Span<Int32>, arena: ParameterArena, workspace: EncoderWorkspace
    ) {
        precondition(batch.count <= workspace.tokenCapacity, "the batch is larger than the workspace")
        let pass = ForwardPass(batch: copy batch, arena: arena, workspace: workspace, dropout: nil)
        embeddingLayer.forward(pass)
        let last = configuration.layerCount - 1
        for index in 0..<last { layer(index).forward(pass) }
        layer(last).forward(pass, at: rows)
    }

    /// The weights of products with rows of activations, for ``ParameterArena/packing(_:)``.
    public var weights: [Tensor] {
        parameters.layers.flatMap { layer in
            [layer.attention, layer.attentionOutput, layer.intermediate, layer.output].map(\.weight)
        } + [parameters.projection].compactMap { $0?.weight }
    }

    /// Adds the gradients of all parameters to `gradients`, given the gradient of the hidden states in
    /// `workspace.outputGradient`, which is overwritten.
    ///
    /// - Precondition: `forward` ran last with the same batch, workspace and dropout.
    public func backward(
        _ batch: borrowing TokenBatch, arena: ParameterArena, workspace: EncoderWorkspace,
        into gradients: ParameterArena, dropout: DropoutPlan? = nil
    ) {
        guard let gradient = workspace.scratch.gradient else { preconditionFailure("the workspace is for inference") }
        let pass = BackwardPass(
            forward: ForwardPass(batch: copy batch, arena: arena, workspace: workspace, dropout: dropout),
            gradient: gradient, gradients: gradients)
        for index in (0..<configuration.layerCount).reversed() { layer(index).backward(pass) }
        embeddingLayer.backward(pass)
    }

    private var embeddingLayer: EmbeddingLayer {
        EmbeddingLayer(
            parameters: parameters, firstPosition: configuration.firstPosition,
            epsilon: configuration.layerNormEpsilon)
    }

    private func layer(_ index: Int) -> TransformerLayer {
        TransformerLayer(
            parameters: parameters.layers[index], attention: SelfAttention(configuration, layer: index), index: index,
            activation: configuration.activation, epsilon: configuration.layerNormEpsilon)
    }
}
