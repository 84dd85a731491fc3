import Format
import GeneratorTraining
import Kernels
import Models
import Random
import Storage
import SystemPackage
import Training

/// Masked language modelling that gives `[CLS]` something to do: from its output the head also guesses some of the sequence's
/// tokens, whichever. Nothing else in this project's objectives asks `[CLS]` for the content of its sequence, which is what
/// classifiers read there.
///
/// Compare bag-of-words prediction from `[CLS]` in dense retrieval (Ma et al. 2023, arXiv 2306.04357; Xiao et al. 2022,
/// RetroMAE). One thread, no checkpoints.
public struct SentenceTrainer {
    public var steps: Int
    public var batchSize: Int
    public var learningRate: Float
    public var seed: UInt64
    /// Tokens that `[CLS]` is asked for at each visit; 0 is plain masked language modelling.
    public var targetCount: Int

    public init(steps: Int, batchSize: Int, learningRate: Float, seed: UInt64, targetCount: Int) {
        (self.steps, self.batchSize, self.learningRate) = (steps, batchSize, learningRate)
        (self.seed, self.targetCount) = (seed, targetCount)
    }

    public struct Summary: Codable, Sendable {
        public var steps: Int
        public var tokens: Int
        /// Cross-entropy and accuracy over the last hundredth of the steps, `[CLS]`'s targets included.
        public var loss: Double
        public var accuracy: Double
    }

    /// - Parameter start: a masked language model to go on from; otherwise the locality initialization.
    public func train(
        on dataset: Dataset, shape: EncoderConfiguration, startingFrom start: FilePath?, to output: FilePath
    ) throws -> Summary {
        let examples = try JointTrainer.examples(of: dataset)
        let objective = MaskedLanguageObjective(MaskedLanguageModel(.electraForMaskedLM, shape))
        let parameters = ParameterArena(objective.layout)
        parameters.initialize(objective.model.encoder, from: .local, seed: seed)
        if let start { try parameters.readShared(from: start, for: shape) }
        let training = DataParallelStep(
            objective, parameters: parameters, threads: 1, longestSequence: dataset.header.maximumLength, seed: seed)
        let schedule = LearningRateSchedule(peak: learningRate, warmupSteps: steps / 10, totalSteps: steps)
        let stream = RandomStream(seed: seed, purpose: .shuffle)
        let order = EpochOrder(count: examples.count, stream: stream)
        var summary = Summary(steps: steps, tokens: 0, loss: 0, accuracy: 0)
        let tail = max(1, steps / 100)
        for step in 0..<steps {
            let batch = (0..<batchSize).map { slot in
                let (epoch, index) = order[step * batchSize + slot]
                var draws = stream.draws(pass: epoch, sequence: UInt64(index), position: 1)
                return Self.asking(examples[index], for: targetCount, using: &draws)
            }
            let outcome = try training.update(on: batch, step: step, learningRate: schedule.rate(at: step))
            summary.tokens += outcome.statistics.tokenCount
            if step >= steps - tail {
                summary.loss += outcome.statistics.meanLoss / Double(tail)
                summary.accuracy += outcome.statistics.accuracy / Double(tail)
            }
        }
        try parameters.write(.electraForMaskedLM, shape, tokenizer: dataset.folder, to: output)
        return summary
    }

    /// The same example with some of its tokens, those at masked positions included, as targets of position 0. The first and
    /// the last token are `[CLS]` and `[SEP]`.
    package static func asking(
        _ example: MaskedSequence, for count: Int, using draws: inout RandomStream.Draws
    ) -> MaskedSequence {
        guard count > 0, example.tokens.count > 2 else { return example }
        var originals = example.tokens
        for (position, original) in zip(example.positions, example.originals) { originals[Int(position)] = original }
        let targets = (0..<count).map { _ in
            originals[1 + Int(Double(unitInterval: draws.next()) * Double(originals.count - 2))]
        }
        return MaskedSequence(
            tokens: example.tokens, positions: [Int32](repeating: 0, count: count) + example.positions,
            originals: targets + example.originals)
    }
}
