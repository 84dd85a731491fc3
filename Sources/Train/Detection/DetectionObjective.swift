import Kernels
import Models
import Training

/// One sequence after replay.
public struct ReplayedSequence: TrainingExample {
    /// [tokens], with replacements.
    public var tokens: [Int32]
    /// [tokens]; 1 where the token differs from the original.
    public var labels: [UInt8]
    /// Positions that were drawn anew, whether or not the draw was the original.
    public var maskedCount: Int
    /// Where the second segment of a pair begins; 0 if there is one segment.
    public var secondSegment: Int
    /// The tokens that position 0 is asked for; see `SentenceTargets`.
    public var sentenceTargets: [Int32] = []

    public init(tokens: [Int32], labels: [UInt8], maskedCount: Int = 0, secondSegment: Int = 0) {
        self.tokens = tokens
        self.labels = labels
        self.maskedCount = maskedCount
        self.secondSegment = secondSegment
    }

    /// Tokens that stand where they stood.
    package var originals: [Int32] { zip(tokens, labels).lazy.filter { $1 == 0 }.map(\.0) }

    public var tokenCount: Int { tokens.count }
    public var termCount: Int { tokens.count }
}

/// Replaced token detection: the mean over all tokens of the binary cross-entropy (Clark et al. 2020, section 2).
///
/// Where position 0 is asked for tokens, the mean of their cross-entropies is added, times ``sentenceWeight``; a sequence counts by its
/// length.
public struct DetectionObjective: Objective {
    public let discriminator: Discriminator

    /// ELECTRA's joint loss gives detection 50 times the weight of guessing tokens (Clark et al. 2020, section 3.1).
    public static let sentenceWeight: Float = 1 / 50

    public init(_ discriminator: Discriminator) {
        self.discriminator = discriminator
    }

    public var layout: ParameterLayout { discriminator.layout }
    public var configuration: EncoderConfiguration { discriminator.configuration }

    public func operationCount(of example: ReplayedSequence) -> Double {
        OperationCount.encoder(configuration, tokens: example.tokenCount)
            + Double(example.tokenCount) * OperationCount.detection(configuration)
            + (example.sentenceTargets.isEmpty ? 0 : OperationCount.prediction(configuration))
    }

    public struct Workspace {
        let activations: DiscriminatorWorkspace
        let sentences: SentencePrediction?
        var batch = TokenBatch()
        var labels: [UInt8] = []
        var questions: [SentenceQuestion] = []
    }

    public func makeWorkspace(tokenCapacity: Int, longestSequence: Int, use: EncoderWorkspace.Use) -> Workspace {
        Workspace(
            activations: DiscriminatorWorkspace(
                configuration, tokenCapacity: tokenCapacity, longestSequence: longestSequence, use: use),
            sentences: discriminator.sentenceModel.map {
                SentencePrediction($0, rowCapacity: min(tokenCapacity, SentencePrediction.usualRowCapacity))
            })
    }

    public func run(
        _ examples: ArraySlice<ReplayedSequence>, firstNumber: Int, parameters: ParameterArena,
        workspace: inout Workspace, gradients: (arena: ParameterArena, scale: Float)?, dropout: DropoutPlan?
    ) -> DetectionStatistics {
        workspace.batch.removeAll()
        workspace.labels.removeAll(keepingCapacity: true)
        workspace.questions.removeAll(keepingCapacity: true)
        for (offset, example) in examples.enumerated() {
            if !example.sentenceTargets.isEmpty {
                let share = Self.sentenceWeight * Float(example.tokenCount) / Float(example.sentenceTargets.count)
                workspace.questions.append(
                    SentenceQuestion(
                        row: Int32(workspace.batch.count), targets: example.sentenceTargets,
                        scale: share * (gradients?.scale ?? 1)))
            }
            workspace.batch.append(
                example.tokens.span, secondSegment: configuration.knownSegment(example.secondSegment),
                number: UInt32(firstNumber + offset))
            workspace.labels += example.labels
        }
        discriminator.forward(
            workspace.batch, arena: parameters, workspace: workspace.activations, dropout: dropout)
        var statistics = DetectionStatistics(maskedCount: examples.reduce(0) { $0 + $1.maskedCount })
        let logits = workspace.activations.logits.span
        for (token, label) in workspace.labels.enumerated() {
            statistics.add(logit: logits[token], label: label)
        }
        let activations = workspace.activations
        if let gradients {
            discriminator.backwardHead(
                workspace.batch, labels: workspace.labels.span, scale: gradients.scale, arena: parameters,
                workspace: activations, into: gradients.arena)
        }
        if let sentences = workspace.sentences {
            statistics.add(
                sentences.run(
                    workspace.questions, on: activations.encoder.output, parameters: parameters,
                    adding: gradients.map { (activations.encoder.outputGradient, $0.arena) }))
        }
        if let gradients {
            discriminator.encoder.backward(
                workspace.batch, arena: parameters, workspace: activations.encoder, into: gradients.arena,
                dropout: dropout)
        }
        return statistics
    }
}
