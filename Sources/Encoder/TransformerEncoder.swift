import Kernels

/// A BERT-like encoder: from token ids to hidden states and back, with gradients.
///
/// Matches `ElectraModel` (`modeling_electra.py`) and, as its cases, `BertModel` (no projection), `RobertaModel` (positions
/// that begin later) and `DistilBertModel` (no token types). The encoder owns no memory: parameters live in a
/// ``ParameterArena`` that threads share, activations in an ``EncoderWorkspace`` each.
public struct TransformerEncoder: Sendable {
    public let configuration: EncoderConfiguration
    public let parameters: EncoderParameters

    /// - Parameter names: what the family calls its tensors.
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
        embeddingLayer.forward(batch, arena: arena, workspace: workspace, dropout: dropout)
        for index in 0..<configuration.layerCount {
            layer(index).forward(batch, arena: arena, workspace: workspace, dropout: dropout)
        }
    }

    /// Adds the gradients of all parameters to `gradients`, given the gradient of the hidden states in
    /// `workspace.outputGradient`, which is overwritten.
    ///
    /// - Precondition: `forward` ran last with the same batch, workspace and dropout.
    public func backward(
        _ batch: borrowing TokenBatch, arena: ParameterArena, workspace: EncoderWorkspace,
        into gradients: ParameterArena,
        dropout: DropoutPlan? = nil
    ) {
        guard let gradient = workspace.scratch.gradient else { preconditionFailure("the workspace is for inference") }
        for index in (0..<configuration.layerCount).reversed() {
            layer(index).backward(
                batch, arena: arena, workspace: workspace, gradient: gradient, gradients: gradients, dropout: dropout)
        }
        embeddingLayer.backward(
            batch, arena: arena, workspace: workspace, gradient: gradient, gradients: gradients, dropout: dropout)
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
