import Kernels
import Models
import Training

/// A text, or a pair of texts, as token ids, with the id of its label.
public struct LabeledSequence: TrainingExample {
    /// [tokens]
    public var tokens: [Int32]
    /// Where token type 1 begins; `nil` where there is none.
    public var secondSegment: Int?
    /// Below the number of labels.
    public var label: Int

    public init(tokens: [Int32], secondSegment: Int? = nil, label: Int) {
        self.tokens = tokens
        self.secondSegment = secondSegment
        self.label = label
    }

    public var tokenCount: Int { tokens.count }
    public var termCount: Int { 1 }
}

/// The mean over texts of the cross-entropy of their labels.
public struct ClassificationObjective: Objective {
    public let classifier: SequenceClassifier

    public init(_ classifier: SequenceClassifier) {
        self.classifier = classifier
    }

    public var layout: ParameterLayout { classifier.layout }
    public var configuration: EncoderConfiguration { classifier.configuration }

    public struct Workspace {
        let activations: ClassifierWorkspace
        var batch = TokenBatch()
    }

    public func makeWorkspace(tokenCapacity: Int, longestSequence: Int, use: EncoderWorkspace.Use) -> Workspace {
        Workspace(
            activations: ClassifierWorkspace(
                classifier, tokenCapacity: tokenCapacity, longestSequence: longestSequence, use: use))
    }

    public func run(
        _ examples: ArraySlice<LabeledSequence>, firstNumber: Int, parameters: ParameterArena,
        workspace: inout Workspace, gradients: (arena: ParameterArena, scale: Float)?, dropout: DropoutPlan?
    ) -> ClassificationStatistics {
        workspace.batch.removeAll()
        for (offset, example) in examples.enumerated() {
            workspace.batch.append(
                example.tokens.span, secondSegment: example.secondSegment, number: UInt32(firstNumber + offset))
        }
        classifier.forward(
            workspace.batch, arena: parameters, workspace: workspace.activations, dropout: dropout)
        var statistics = ClassificationStatistics(labelCount: classifier.labelCount)
        let logits = workspace.activations.logits
        for (row, example) in examples.enumerated() {
            let elements = row * classifier.labelCount..<(row + 1) * classifier.labelCount
            let target = logits.span(elements)[example.label]
            let guess = Self.largest(logits.span(elements))
            // Turns the logits into the gradient.
            let logSum = Softmax.differentiateCrossEntropy(
                row: logits.mutableSpan(elements), target: example.label, scale: gradients?.scale ?? 1)
            statistics.add(
                loss: Double(logSum - target), label: example.label, guess: guess, tokens: example.tokenCount)
        }
        if let gradients {
            classifier.backward(
                workspace.batch, arena: parameters, workspace: workspace.activations, into: gradients.arena,
                dropout: dropout)
        }
        return statistics
    }

    /// The first of the largest.
    private static func largest(_ logits: Span<Float>) -> Int {
        var best = 0
        for index in logits.indices where logits[index] > logits[best] { best = index }
        return best
    }
}
