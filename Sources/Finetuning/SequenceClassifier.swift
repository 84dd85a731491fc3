import Kernels
import Models

/// An encoder with a head that puts a text, or a pair of texts, into one of several classes.
///
/// Matches `ElectraForSequenceClassification`, `BertForSequenceClassification`, `RobertaForSequenceClassification` and
/// `DistilBertForSequenceClassification` of transformers.
public struct SequenceClassifier: Sendable {
    public let layout: ParameterLayout
    public let encoder: TransformerEncoder
    public let dense: LinearParameters  // [hidden, hidden]
    public let output: LinearParameters  // [labels, hidden]
    let head: ClassificationHead

    public var configuration: EncoderConfiguration { encoder.configuration }
    public var labelCount: Int { output.outputSize }

    /// - Parameter family: decides the head and the tensors' names.
    public init(_ configuration: EncoderConfiguration, _ family: ModelFamily, labelCount: Int) {
        self.init(configuration, headOf: family, named: family.encoder, labelCount: labelCount)
    }

    /// One family's head on an encoder with another's names.
    package init(
        _ configuration: EncoderConfiguration, headOf family: ModelFamily, named names: EncoderNames, labelCount: Int
    ) {
        head = ClassificationHead(family)
        var layout = ParameterLayout()
        encoder = TransformerEncoder(configuration, named: names, declaredIn: &layout)
        let hidden = configuration.hiddenSize
        dense = LinearParameters(head.dense, output: hidden, input: hidden, declaredIn: &layout)
        output = LinearParameters(head.output, output: labelCount, input: hidden, declaredIn: &layout)
        self.layout = layout
    }

    /// The parameters that a fresh head starts at random.
    var headTensors: [Tensor] { [dense.weight, dense.bias, output.weight, output.bias] }
}

/// The activations of a classifier in one thread. m is the number of sequences.
public struct ClassifierWorkspace {
    public let encoder: EncoderWorkspace
    public let logits: FloatBuffer  // [m, labels]
    let pooled: FloatBuffer  // [m, hidden], the first token's hidden state, dropped where the head does so
    let dense: FloatBuffer  // [m, hidden], before the function
    let activated: FloatBuffer  // [m, hidden], dropped
    let gradient: FloatBuffer  // [m, hidden]
    let pooledGradient: FloatBuffer  // [m, hidden]

    public init(
        _ classifier: SequenceClassifier, tokenCapacity: Int, longestSequence: Int, use: EncoderWorkspace.Use
    ) {
        let configuration = classifier.configuration
        encoder = EncoderWorkspace(
            configuration, tokenCapacity: tokenCapacity, longestSequence: longestSequence, use: use)
        // A sequence has a token at least.
        let elements = tokenCapacity * configuration.hiddenSize
        logits = FloatBuffer(count: tokenCapacity * classifier.labelCount)
        pooled = FloatBuffer(count: elements)
        dense = FloatBuffer(count: elements)
        activated = FloatBuffer(count: elements)
        gradient = FloatBuffer(count: elements)
        pooledGradient = FloatBuffer(count: elements)
    }
}

extension SequenceClassifier {
    /// Computes the logits of every sequence into `workspace.logits`, [sequences, labels].
    ///
    /// - Precondition: as for ``TransformerEncoder/forward(_:arena:workspace:dropout:)``; sequences are not empty.
    public func forward(
        _ batch: borrowing TokenBatch, arena: ParameterArena, workspace: ClassifierWorkspace,
        dropout: DropoutPlan? = nil
    ) {
        encoder.forward(batch, arena: arena, workspace: workspace.encoder, dropout: dropout)
        let (m, hidden) = (batch.sequences.count, configuration.hiddenSize)
        let elements = 0..<m * hidden
        Rows.gather(
            workspace.encoder.output.span, at: firstRows(of: batch).span, width: hidden,
            into: workspace.pooled.mutableSpan(elements))
        if head.dropsInput {
            dropout?.applyClassifier(to: workspace.pooled, width: hidden, of: batch, at: .classifierInput)
        }
        Linear.forward(workspace.pooled.span, dense, of: arena, rows: m, into: workspace.dense)
        head.function.forward(workspace.dense.span(elements), into: workspace.activated.mutableSpan(elements))
        dropout?.applyClassifier(to: workspace.activated, width: hidden, of: batch, at: .classifierHidden)
        Linear.forward(workspace.activated.span, output, of: arena, rows: m, into: workspace.logits)
    }

    /// Adds the gradients of all parameters, given that of the logits in `workspace.logits`.
    ///
    /// - Precondition: `forward` ran last with the same batch, workspace and dropout.
    func backward(
        _ batch: borrowing TokenBatch, arena: ParameterArena, workspace: ClassifierWorkspace,
        into gradients: ParameterArena, dropout: DropoutPlan?
    ) {
        let (m, hidden) = (batch.sequences.count, configuration.hiddenSize)
        let elements = 0..<m * hidden
        Linear.accumulateGradients(
            output, input: workspace.activated.span, outputGradient: workspace.logits.span, rows: m, into: gradients)
        Linear.propagate(workspace.logits.span, through: output, of: arena, rows: m, into: workspace.gradient)
        dropout?.applyClassifier(to: workspace.gradient, width: hidden, of: batch, at: .classifierHidden)
        head.function.backward(
            workspace.dense.span(elements), scratch: workspace.activated.mutableSpan(elements),
            gradient: workspace.gradient.mutableSpan(elements))
        Linear.accumulateGradients(
            dense, input: workspace.pooled.span, outputGradient: workspace.gradient.span, rows: m, into: gradients)
        Linear.propagate(workspace.gradient.span, through: dense, of: arena, rows: m, into: workspace.pooledGradient)
        if head.dropsInput {
            dropout?.applyClassifier(to: workspace.pooledGradient, width: hidden, of: batch, at: .classifierInput)
        }
        let hiddenGradient = workspace.encoder.outputGradient
        var cleared = hiddenGradient.mutableSpan(0..<batch.count * hidden)
        for index in cleared.indices { cleared[index] = 0 }
        Rows.scatterAdd(
            workspace.pooledGradient.span(elements), to: firstRows(of: batch).span, width: hidden,
            of: hiddenGradient.mutableSpan)
        encoder.backward(batch, arena: arena, workspace: workspace.encoder, into: gradients, dropout: dropout)
    }

    /// The rows of the first tokens, `[CLS]`: [sequences].
    private func firstRows(of batch: borrowing TokenBatch) -> [Int32] {
        batch.sequences.map { Int32($0.rows.lowerBound) }
    }
}
