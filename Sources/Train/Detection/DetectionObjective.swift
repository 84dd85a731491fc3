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

    public init(tokens: [Int32], labels: [UInt8], maskedCount: Int = 0, secondSegment: Int = 0) {
        self.tokens = tokens
        self.labels = labels
        self.maskedCount = maskedCount
        self.secondSegment = secondSegment
    }

    public var tokenCount: Int { tokens.count }
    public var termCount: Int { tokens.count }
}

/// Replaced token detection: the mean over all tokens of the binary cross-entropy (Clark et al. 2020, section 2).
public struct DetectionObjective: Objective {
    public let discriminator: Discriminator

    public init(_ discriminator: Discriminator) {
        self.discriminator = discriminator
    }

    public var layout: ParameterLayout { discriminator.layout }
    public var configuration: EncoderConfiguration { discriminator.configuration }

    public struct Workspace {
        let activations: DiscriminatorWorkspace
        var batch = TokenBatch()
        var labels: [UInt8] = []
    }

    public func makeWorkspace(tokenCapacity: Int, longestSequence: Int, use: EncoderWorkspace.Use) -> Workspace {
        Workspace(
            activations: DiscriminatorWorkspace(
                configuration, tokenCapacity: tokenCapacity, longestSequence: longestSequence, use: use))
    }

    public func run(
        _ examples: ArraySlice<ReplayedSequence>, firstNumber: Int, parameters: ParameterArena,
        workspace: inout Workspace, gradients: (arena: ParameterArena, scale: Float)?, dropout: DropoutPlan?
    ) -> DetectionStatistics {
        workspace.batch.removeAll()
        workspace.labels.removeAll(keepingCapacity: true)
        for (offset, example) in examples.enumerated() {
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
        if let gradients {
            discriminator.backward(
                workspace.batch, labels: workspace.labels.span, scale: gradients.scale, arena: parameters,
                workspace: workspace.activations, into: gradients.arena, dropout: dropout)
        }
        return statistics
    }
}
