import Format
import GeneratorTraining
import Kernels
import Models
import Random
import Storage
import SystemPackage
import Train
import Training

/// Trains the joint baseline on the sequences and masks of a data set, with the product's optimizer and schedule.
///
/// Both models start from one masked language model, and `[CLS]` of both is asked for tokens, as `mlm` and `train` do. One
/// thread, and no checkpoints: a run that was killed begins again.
public struct JointTrainer {
    public var steps: Int
    public var batchSize: Int
    public var learningRate: Float
    public var seed: UInt64

    public init(steps: Int, batchSize: Int, learningRate: Float, seed: UInt64) {
        (self.steps, self.batchSize, self.learningRate, self.seed) = (steps, batchSize, learningRate, seed)
    }

    public struct Summary: Codable, Sendable {
        public var steps: Int
        public var tokens: Int
        /// Means over the last hundredth of the steps.
        public var generatorLoss: Double
        public var discriminatorLoss: Double
    }

    /// - Parameter shape: of the discriminator; without one, it has the shape of `start`.
    public func train(
        on dataset: Dataset, startingFrom start: FilePath, shape: EncoderConfiguration? = nil, to output: FilePath
    ) throws -> Summary {
        let examples = try Self.examples(of: dataset)
        let generatorShape = try ModelConfiguration(folder: start).encoder
        var configuration = shape ?? generatorShape
        configuration.vocabularySize = generatorShape.vocabularySize
        let longest = dataset.header.maximumLength
        let joint = JointElectra(
            generator: generatorShape, discriminator: configuration,
            tokenCapacity: batchSize * longest, longestSequence: longest, seed: seed)
        let targets = SentenceTargets(
            SentenceTargets.usualCount, in: examples.lazy.map { Self.text(of: $0)[...] },
            vocabularySize: configuration.vocabularySize,
            special: Set(dataset.header.specialTokens.ids), seed: seed)
        joint.parameters.discriminator.initialize(
            joint.detection.discriminator.encoder, from: .local, seed: seed)
        try joint.parameters.generator.readShared(from: start, for: generatorShape)
        try joint.parameters.discriminator.readShared(from: start, for: configuration)

        let optimizers = (AdamW(joint.generator.layout), AdamW(joint.detection.layout))
        let schedule = LearningRateSchedule(
            peak: learningRate, warmupSteps: Warmup.share(0.1).steps(of: steps), totalSteps: steps)
        let order = EpochOrder(count: examples.count, stream: RandomStream(seed: seed, purpose: .shuffle))
        var summary = Summary(steps: steps, tokens: 0, generatorLoss: 0, discriminatorLoss: 0)
        let tail = max(1, steps / 100)
        for step in 0..<steps {
            let visits = (0..<batchSize).map { order[step * batchSize + $0] }
            var batch = visits.map { examples[$0.index] }
            var drawn = joint.draw(batch, step: step)
            for (slot, visit) in visits.enumerated() {
                let number = UInt64(visit.index)
                batch[slot].sentenceTargets = targets.targets(
                    among: Self.text(of: batch[slot]), pass: visit.epoch, sequence: number)
                drawn[slot].sentenceTargets = targets.targets(
                    among: drawn[slot].originals, pass: visit.epoch, sequence: number)
            }
            let loss = joint.differentiate(batch, drawn: drawn)
            summary.tokens += batch.reduce(0) { $0 + $1.tokenCount }
            if step >= steps - tail {
                summary.generatorLoss += loss.generator / Double(tail)
                summary.discriminatorLoss += loss.discriminator / Double(tail)
            }
            let rate = schedule.rate(at: step)
            // As in the published code, one norm over both models' gradients.
            let gradients = joint.gradients
            let norm = (gradients.generator.sumOfSquares + gradients.discriminator.sumOfSquares).squareRoot()
            let limit = TrainingSettings.usualGradientNormLimit
            let scale = norm > limit ? Float(limit / norm) : 1
            optimizers.0.update(
                joint.parameters.generator, with: gradients.generator, of: joint.generator.layout.tensors,
                gradientScale: scale, learningRate: rate, step: step + 1)
            optimizers.1.update(
                joint.parameters.discriminator, with: gradients.discriminator, of: joint.detection.layout.tensors,
                gradientScale: scale, learningRate: rate, step: step + 1)
        }
        try joint.parameters.discriminator.write(.electraForPreTraining, configuration, tokenizer: start, to: output)
        return summary
    }

    /// The sequence without its masks.
    private static func text(of example: MaskedSequence) -> [Int32] {
        var tokens = example.tokens
        for (position, original) in zip(example.positions, example.originals) { tokens[Int(position)] = original }
        return tokens
    }

    /// All sequences with the masks that the shards have.
    static func examples(of dataset: Dataset) throws -> [MaskedSequence] {
        var examples: [MaskedSequence] = []
        let mask = dataset.header.specialTokens.mask
        for index in 0..<dataset.blockCount {
            let block = try dataset.block(at: dataset.place(ofBlock: index))
            for row in 0..<block.sequenceCount {
                var tokens = Array(block.tokens[block.tokenRange(ofSequence: row)])
                let positions = Array(block.maskedPositions[block.maskedRange(ofSequence: row)])
                let originals = positions.map { tokens[Int($0)] }
                for position in positions { tokens[Int(position)] = mask }
                examples.append(MaskedSequence(tokens: tokens, positions: positions, originals: originals))
            }
        }
        return examples
    }
}
