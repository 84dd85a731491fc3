import Format
import GeneratorTraining
import Kernels
import Models
import Random
import Replay
import Storage
import SystemPackage
import Train
import Training

/// Replaced token detection from shards, with an encoder whose `[CLS]` is at the same time asked for tokens of the original
/// sequence (``SentenceTrainer``). The detector alone asks `[CLS]` nothing: its label there is always the same.
///
/// loss = cross-entropy of `[CLS]`'s targets + weight · binary cross-entropy of all tokens. Both objectives read the same
/// replayed tokens, in two passes through one encoder. One thread, no checkpoints.
public struct SentenceDetector {
    public var trainer: SentenceTrainer
    public var weight: Float = 50
    public var schedule: TemperatureSchedule

    public init(_ trainer: SentenceTrainer, schedule: TemperatureSchedule) {
        (self.trainer, self.schedule) = (trainer, schedule)
    }

    public struct Summary: Codable, Sendable {
        public var steps: Int
        public var tokens = 0
        /// Means over the last hundredth of the steps.
        public var sentenceLoss = 0.0
        public var detectionLoss = 0.0
    }

    public func train(on dataset: Dataset, startingFrom start: FilePath, to output: FilePath) throws -> Summary {
        let shape = try ModelConfiguration(folder: start).encoder
        let guessing = MaskedLanguageObjective(MaskedLanguageModel(.electraForMaskedLM, shape))
        let detection = DetectionObjective(Discriminator(shape))
        let (longest, batchSize) = (dataset.header.maximumLength, trainer.batchSize)
        let models = (guessing: ParameterArena(guessing.layout), detection: ParameterArena(detection.layout))
        let gradients = (guessing: ParameterArena(guessing.layout), detection: ParameterArena(detection.layout))
        models.detection.initialize(detection.discriminator.encoder, from: .local, seed: trainer.seed)
        try models.detection.readShared(from: start, for: shape)
        try models.guessing.readShared(from: start, for: shape)
        var workspaces = (
            guessing.makeWorkspace(tokenCapacity: batchSize * longest, longestSequence: longest, use: .training),
            detection.makeWorkspace(tokenCapacity: batchSize * longest, longestSequence: longest, use: .training)
        )
        // Both layouts declare the encoder first, so its tensors lie at the same places.
        let shared = zip(guessing.layout.tensors, detection.layout.tensors).prefix { $0 == $1 }.map(\.0)
        let own = guessing.layout.tensors[shared.count...]
        let optimizers = (guessing: AdamW(guessing.layout), detection: AdamW(detection.layout))
        let rates = LearningRateSchedule(
            peak: trainer.learningRate, warmupSteps: trainer.steps / 10, totalSteps: trainer.steps)
        let source = try ShuffledRows(dataset, count: trainer.steps * batchSize, seed: trainer.seed)
        let sampler = ReplaySampler(dataset.header, seed: trainer.seed)
        var summary = Summary(steps: trainer.steps)
        let tail = max(1, trainer.steps / 100)
        for step in 0..<trainer.steps {
            let replay = try sampler.tempered(
                to: schedule.temperature(at: Double(step) / Double(trainer.steps)))
            var (drawn, asked): ([ReplayedSequence], [MaskedSequence]) = ([], [])
            for number in step * batchSize..<(step + 1) * batchSize {
                let (sequence, originals) = source.replayed(number, by: replay)
                drawn.append(sequence)
                var draws = source.order.draws(pass: 0, sequence: UInt64(number), position: 2)
                asked.append(
                    SentenceTrainer.asking(
                        MaskedSequence(tokens: originals, positions: [], originals: []), for: trainer.targetCount,
                        using: &draws))
                asked[asked.count - 1].tokens = sequence.tokens
            }
            gradients.guessing.values.fill(with: 0)
            gradients.detection.values.fill(with: 0)
            let tokens = drawn.reduce(0) { $0 + $1.termCount }
            let detected = detection.run(
                drawn[...], firstNumber: 0, parameters: models.detection, workspace: &workspaces.1,
                gradients: (gradients.detection, weight / Float(tokens)), dropout: nil)
            if trainer.targetCount > 0 {
                let guessed = guessing.run(
                    asked[...], firstNumber: 0, parameters: models.guessing, workspace: &workspaces.0,
                    gradients: (gradients.guessing, 1 / Float(asked.reduce(0) { $0 + $1.termCount })), dropout: nil)
                for tensor in shared { gradients.detection.add(gradients.guessing, in: tensor.range) }
                if step >= trainer.steps - tail { summary.sentenceLoss += guessed.meanLoss / Double(tail) }
            }
            summary.tokens += tokens
            if step >= trainer.steps - tail { summary.detectionLoss += detected.meanLoss / Double(tail) }
            let squares =
                own.reduce(0) { $0 + gradients.guessing.sumOfSquares(in: $1.range) }
                + gradients.detection.sumOfSquares(in: 0..<detection.layout.count)
            let scale = Float(1 / max(1, squares.squareRoot()))
            for tensor in detection.layout.tensors {
                optimizers.detection.update(
                    models.detection, with: gradients.detection, in: tensor.range, decays: tensor.decays,
                    gradientScale: scale, learningRate: rates.rate(at: step), step: step + 1)
            }
            for tensor in own {
                optimizers.guessing.update(
                    models.guessing, with: gradients.guessing, in: tensor.range, decays: tensor.decays,
                    gradientScale: scale, learningRate: rates.rate(at: step), step: step + 1)
            }
            for tensor in shared { models.guessing.copy(models.detection, in: tensor.range) }
        }
        try Folder(output).create()
        try HuggingFaceFolder.copyTokenizer(from: dataset.folder, to: output)
        try ModelConfiguration(architecture: .electraForPreTraining, encoder: shape)
            .write(to: output.appending(ModelConfiguration.fileName))
        try models.detection.write(to: output.appending("model.safetensors"))
        return summary
    }
}

extension ParameterArena {
    fileprivate func add(_ other: ParameterArena, in range: Range<Int>) {
        let (source, target) = (other.values, values)
        Rows.add(source.span(range), to: target.mutableSpan(range))
    }

    fileprivate func copy(_ other: ParameterArena, in range: Range<Int>) {
        let (source, target) = (other.values, values)
        Rows.copy(source.span(range), to: target.mutableSpan(range))
    }

    fileprivate func sumOfSquares(in range: Range<Int>) -> Double {
        let values = values
        return Rows.sumOfSquares(values.span(range))
    }
}
