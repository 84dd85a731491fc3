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
/// Both models start from one masked language model. One thread; no checkpoints: an arm of the study takes minutes.
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

    public func train(on dataset: Dataset, startingFrom start: FilePath, to output: FilePath) throws -> Summary {
        let examples = try Self.examples(of: dataset)
        let configuration = try ModelConfiguration(folder: start).encoder
        let longest = dataset.header.maximumLength
        let joint = JointElectra(
            configuration, tokenCapacity: batchSize * longest, longestSequence: longest, seed: seed)
        joint.parameters.discriminator.initialize(
            joint.detection.discriminator.encoder, from: .local, seed: seed)
        try joint.parameters.generator.readShared(from: start, for: configuration)
        try joint.parameters.discriminator.readShared(from: start, for: configuration)

        let optimizers = (AdamW(joint.generator.layout), AdamW(joint.detection.layout))
        let schedule = LearningRateSchedule(peak: learningRate, warmupSteps: steps / 10, totalSteps: steps)
        let order = RandomStream(seed: seed, purpose: .shuffle)
        var summary = Summary(steps: steps, tokens: 0, generatorLoss: 0, discriminatorLoss: 0)
        let tail = max(1, steps / 100)
        for step in 0..<steps {
            let batch = (0..<batchSize).map { slot in
                let place = (step * batchSize + slot).quotientAndRemainder(dividingBy: examples.count)
                return examples[
                    Permutation(count: examples.count, stream: order, pass: UInt32(place.quotient))[place.remainder]]
            }
            let loss = joint.differentiate(batch, drawn: joint.draw(batch, step: step))
            summary.tokens += batch.reduce(0) { $0 + $1.tokenCount }
            if step >= steps - tail {
                summary.generatorLoss += loss.generator / Double(tail)
                summary.discriminatorLoss += loss.discriminator / Double(tail)
            }
            let rate = schedule.rate(at: step)
            // As in the published code, one norm over both models' gradients.
            let gradients = joint.gradients
            let norm = (gradients.generator.sumOfSquares + gradients.discriminator.sumOfSquares).squareRoot()
            let scale = norm > 1 ? Float(1 / norm) : 1
            optimizers.0.update(
                joint.parameters.generator, with: gradients.generator, gradientScale: scale, learningRate: rate,
                step: step + 1)
            optimizers.1.update(
                joint.parameters.discriminator, with: gradients.discriminator, gradientScale: scale,
                learningRate: rate, step: step + 1)
        }
        try Folder(output).create()
        try HuggingFaceFolder.copyTokenizer(from: start, to: output)
        try ModelConfiguration(architecture: .electraForPreTraining, encoder: configuration)
            .write(to: output.appending(ModelConfiguration.fileName))
        try joint.parameters.discriminator.write(to: output.appending("model.safetensors"))
        return summary
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

extension AdamW {
    /// Updates all parameters of an arena on this thread.
    fileprivate func update(
        _ parameters: ParameterArena, with gradients: ParameterArena, gradientScale: Float, learningRate: Float,
        step: Int
    ) {
        for tensor in parameters.layout.tensors {
            update(
                parameters, with: gradients, in: tensor.range, decays: tensor.decays, gradientScale: gradientScale,
                learningRate: learningRate, step: step)
        }
    }
}

extension ParameterArena {
    fileprivate var sumOfSquares: Double {
        let values = values
        return Rows.sumOfSquares(values.span)
    }
}
