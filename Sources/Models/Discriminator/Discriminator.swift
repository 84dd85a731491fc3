import Kernels
import Storage
import SystemPackage

/// An encoder with a head that tells, for every token, whether it was replaced.
///
/// Matches `ElectraForPreTraining` (`modeling_electra.py`): dense, the encoder's activation, linear to one logit.
public struct Discriminator: Sendable {
    public let layout: ParameterLayout
    public let encoder: TransformerEncoder
    public let dense: LinearParameters  // [hidden, hidden]
    public let prediction: LinearParameters  // [1, hidden]
    /// A generator's head on the same encoder, for training alone: the questions to `[CLS]` go through it.
    public let sentenceModel: MaskedLanguageModel?

    public var configuration: EncoderConfiguration { encoder.configuration }

    public init(_ configuration: EncoderConfiguration, predictsSentences: Bool = false) {
        var layout = ParameterLayout()
        encoder = TransformerEncoder(
            configuration, named: Architecture.electraForPreTraining.family.encoder, declaredIn: &layout)
        let hidden = configuration.hiddenSize
        dense = LinearParameters(
            "discriminator_predictions.dense", output: hidden, input: hidden, declaredIn: &layout)
        prediction = LinearParameters(
            "discriminator_predictions.dense_prediction", output: 1, input: hidden, declaredIn: &layout)
        layout.endModel()
        sentenceModel =
            predictsSentences
            ? MaskedLanguageModel(.electraForMaskedLM, on: encoder, tiesDecoder: true, declaredIn: &layout) : nil
        self.layout = layout
    }
}

/// The activations of a discriminator in one thread.
public struct DiscriminatorWorkspace {
    public let encoder: EncoderWorkspace
    public let logits: FloatBuffer  // [n]
    let dense: FloatBuffer  // [n, hidden], before the activation
    let activated: FloatBuffer  // [n, hidden]
    let logitGradient: FloatBuffer  // [n]
    let denseGradient: FloatBuffer  // [n, hidden]

    public init(
        _ configuration: EncoderConfiguration, tokenCapacity n: Int, longestSequence: Int, use: EncoderWorkspace.Use
    ) {
        encoder = EncoderWorkspace(configuration, tokenCapacity: n, longestSequence: longestSequence, use: use)
        logits = FloatBuffer(count: n)
        dense = FloatBuffer(count: n * configuration.hiddenSize)
        activated = FloatBuffer(count: n * configuration.hiddenSize)
        logitGradient = FloatBuffer(count: n)
        denseGradient = FloatBuffer(count: n * configuration.hiddenSize)
    }
}

extension Discriminator {
    /// Computes a logit a token into `workspace.logits`, [tokens]; positive says replaced.
    public func forward(
        _ batch: borrowing TokenBatch, arena: ParameterArena, workspace: DiscriminatorWorkspace,
        dropout: DropoutPlan? = nil
    ) {
        encoder.forward(batch, arena: arena, workspace: workspace.encoder, dropout: dropout)
        let n = batch.count
        let elements = 0..<n * configuration.hiddenSize
        Linear.forward(workspace.encoder.output.span, dense, of: arena, rows: n, into: workspace.dense)
        configuration.activation.forward(
            workspace.dense.span(elements), into: workspace.activated.mutableSpan(elements))
        Linear.forward(workspace.activated.span, prediction, of: arena, rows: n, into: workspace.logits)
    }

    /// Adds the head's gradients of scale · Σ over tokens of the loss, and leaves that of the encoder's output in its workspace.
    ///
    /// - Parameters:
    ///   - labels: [tokens]; 1 where the token was replaced.
    ///   - scale: 1 / tokens of the whole step, for the mean.
    /// - Precondition: `forward` ran last with the same batch and workspace.
    package func backwardHead(
        _ batch: borrowing TokenBatch, labels: Span<UInt8>, scale: Float, arena: ParameterArena,
        workspace: DiscriminatorWorkspace, into gradients: ParameterArena
    ) {
        let n = batch.count
        let elements = 0..<n * configuration.hiddenSize
        var logitGradient = workspace.logitGradient.mutableSpan(0..<n)
        let logits = workspace.logits.span(0..<n)
        for token in labels.indices {
            logitGradient[token] = ReplacedTokenDetection.gradient(logit: logits[token], label: labels[token]) * scale
        }
        Linear.accumulateGradients(
            prediction, input: workspace.activated.span, outputGradient: workspace.logitGradient.span, rows: n,
            into: gradients)
        Linear.propagate(
            workspace.logitGradient.span, through: prediction, of: arena, rows: n, into: workspace.denseGradient)
        configuration.activation.backward(
            workspace.dense.span(elements), activated: workspace.activated.mutableSpan(elements),
            gradient: workspace.denseGradient.mutableSpan(elements))
        Linear.accumulateGradients(
            dense, input: workspace.encoder.output.span, outputGradient: workspace.denseGradient.span, rows: n,
            into: gradients)
        Linear.propagate(
            workspace.denseGradient.span, through: dense, of: arena, rows: n, into: workspace.encoder.outputGradient)
    }
}
