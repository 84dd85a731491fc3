import GeneratorTraining
import Kernels
import Models
import Random
import Train
import Training

/// ELECTRA as it was published (Clark et al. 2020, section 2): generator and discriminator learn together, and the
/// discriminator reads the generator's draws of that moment, at T = 1. No gradient passes through the draws.
///
/// loss = cross-entropy of the masked tokens + weight · binary cross-entropy of all tokens. Embeddings are not shared:
/// both models start from the same ones and go their own ways, as the study's other discriminators do.
public final class JointElectra {
    public let generator: MaskedLanguageObjective
    public let detection: DetectionObjective
    /// Of detection in the joint loss.
    private static let weight: Float = 50
    /// Of the generator and of the discriminator.
    public let parameters: (generator: ParameterArena, discriminator: ParameterArena)
    public let gradients: (generator: ParameterArena, discriminator: ParameterArena)
    private var workspaces: (generator: MaskedLanguageObjective.Workspace, discriminator: DetectionObjective.Workspace)
    private let sampler: GeneratorSampler

    public struct Loss: Sendable {
        /// Mean over masked positions.
        public var generator: Double
        /// Mean over tokens.
        public var discriminator: Double
    }

    /// `[CLS]` can be asked for tokens (`SentenceTargets`), as in `mlm` and `train`.
    public init(
        generator generatorShape: EncoderConfiguration, discriminator discriminatorShape: EncoderConfiguration,
        tokenCapacity: Int, longestSequence: Int, seed: UInt64
    ) {
        generator = MaskedLanguageObjective(MaskedLanguageModel(.electraForMaskedLM, generatorShape))
        detection = DetectionObjective(Discriminator(discriminatorShape, predictsSentences: true))
        parameters = (ParameterArena(generator.layout), ParameterArena(detection.layout))
        gradients = (ParameterArena(generator.layout), ParameterArena(detection.layout))
        workspaces = (
            generator.makeWorkspace(tokenCapacity: tokenCapacity, longestSequence: longestSequence, use: .training),
            detection.makeWorkspace(tokenCapacity: tokenCapacity, longestSequence: longestSequence, use: .training)
        )
        sampler = GeneratorSampler(
            generator.model, tokenCapacity: tokenCapacity, longestSequence: longestSequence, seed: seed)
    }

    /// The generator's draws at the masked positions, with labels for the discriminator.
    public func draw(_ examples: [MaskedSequence], step: Int) -> [ReplayedSequence] {
        sampler.draw(examples, step: step, parameters: parameters.generator)
    }

    /// Sets the gradients to those of the joint loss at given draws. The questions of both models to `[CLS]` have a part in them, and
    /// not in the losses.
    public func differentiate(_ examples: [MaskedSequence], drawn: [ReplayedSequence]) -> Loss {
        gradients.generator.values.fill(with: 0)
        gradients.discriminator.values.fill(with: 0)
        let masked = examples.reduce(0) { $0 + $1.termCount }
        let tokens = drawn.reduce(0) { $0 + $1.termCount }
        let first = generator.run(
            examples[...], firstNumber: 0, parameters: parameters.generator, workspace: &workspaces.generator,
            gradients: (gradients.generator, 1 / Float(max(1, masked))), dropout: nil)
        let second = detection.run(
            drawn[...], firstNumber: 0, parameters: parameters.discriminator, workspace: &workspaces.discriminator,
            gradients: (gradients.discriminator, Self.weight / Float(max(1, tokens))), dropout: nil)
        return Loss(generator: first.meanLoss, discriminator: second.meanLoss)
    }

    public func total(_ loss: Loss) -> Double { loss.generator + Double(Self.weight) * loss.discriminator }
}
