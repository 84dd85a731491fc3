import CLibrary
import Fixtures
import Kernels
import Models
import Random
import Testing
import Train
import Training

/// The discriminator's head and loss against central differences of the double-precision oracle.
@Suite struct DiscriminatorBackwardTests {
    private struct Setup {
        let objective: DetectionObjective
        let arena: ParameterArena
        let examples: [ReplayedSequence]
        let plan: DropoutPlan?
        let reference: ReferenceEncoder

        init(hidden: Int, dropout: Float, seed: UInt64, asksSentences: Bool = false) {
            let configuration = EncoderConfiguration(
                vocabularySize: 9, embeddingSize: 5, hiddenSize: hidden, layerCount: 1, attentionHeadCount: 2,
                intermediateSize: 7, maximumPositionCount: 8, dropout: dropout)
            objective = DetectionObjective(Discriminator(configuration, predictsSentences: asksSentences))
            arena = ParameterArena(objective.layout)
            arena.fillWithNoise(deviation: 0.5, seed: seed)
            plan = DropoutPlan(configuration, seed: seed, step: 1)
            reference = ReferenceEncoder(configuration, prefix: "electra.", dropout: plan)
            var draws = RandomStream(seed: seed, purpose: .masking).draws(pass: 0, sequence: 0, position: 0)
            examples = [1, 6, 3].map { length in
                var example = ReplayedSequence(
                    tokens: (0..<length).map { _ in Int32.random(in: 0..<9, using: &draws) },
                    labels: (0..<length).map { _ in UInt8.random(in: 0...1, using: &draws) }, secondSegment: length / 2)
                // A token may be asked for more than once, and a sequence for nothing.
                if asksSentences { example.sentenceTargets = [[], [3, 3, 8], [0, 5, 7, 3]][length / 3] }
                return example
            }
        }

        /// The mean of the binary cross-entropy over tokens, and a fiftieth of the targets' mean cross-entropy in each sequence, which
        /// counts by its length.
        func loss(_ parameters: ReferenceParameters) -> Double {
            let (detection, sentences) = losses(parameters)
            return detection + sentences / 50
        }

        func losses(_ parameters: ReferenceParameters) -> (detection: Double, sentences: Double) {
            var (sum, count, sentences) = (0.0, 0.0, 0.0)
            for (number, example) in examples.enumerated() {
                let hidden = reference.hiddenStates(
                    of: example.tokens, secondSegment: example.secondSegment > 0 ? example.secondSegment : nil,
                    number: UInt32(number), parameters)
                let activated = parameters.linear(hidden, "discriminator_predictions.dense")
                    .activated(by: reference.configuration.activation)
                let logits = parameters.linear(activated, "discriminator_predictions.dense_prediction")
                for (row, label) in example.labels.enumerated() {
                    let probability = 1 / (1 + exp(-logits[row, 0]))
                    sum -= log(label == 1 ? probability : 1 - probability)
                    count += 1
                }
                if example.sentenceTargets.isEmpty { continue }
                let transformed = parameters.layerNorm(
                    parameters.linear(hidden, "generator_predictions.dense").activated(by: .gelu),
                    "generator_predictions.LayerNorm", epsilon: reference.configuration.layerNormEpsilon)
                let guesses = transformed.linear(
                    weight: parameters["electra.embeddings.word_embeddings.weight"],
                    bias: parameters["generator_lm_head.bias"])
                let crossEntropies = example.sentenceTargets.map {
                    guesses.logSumOfExponentials(row: 0) - guesses[0, Int($0)]
                }
                sentences +=
                    Double(example.tokenCount) * crossEntropies.reduce(0, +) / Double(crossEntropies.count)
            }
            return (sum / count, sentences / count)
        }
    }

    @Test(arguments: [
        (6, Float(0), UInt64(1), false), (6, 0.2, 2, true), (18, 0, 3, true), (16, 0.1, 4, false),
    ])
    func lossAndEveryGradientAgree(hidden: Int, dropout: Float, seed: UInt64, asksSentences: Bool) {
        let setup = Setup(hidden: hidden, dropout: dropout, seed: seed, asksSentences: asksSentences)
        var workspace = setup.objective.makeWorkspace(tokenCapacity: 10, longestSequence: 6, use: .training)
        let gradients = ParameterArena.erasedNoise(setup.objective.layout)
        let statistics = setup.objective.run(
            setup.examples[...], firstNumber: 0, parameters: setup.arena, workspace: &workspace,
            gradients: (gradients, 0.1), dropout: setup.plan)
        gradients.settle()
        let parameters = ReferenceParameters(setup.arena)
        #expect(abs(statistics.meanLoss - setup.losses(parameters).detection) < 1e-5)
        #expect(statistics.sentences.targetCount == (asksSentences ? 7 : 0))
        for (tensor, error) in parameters.gradientErrors(gradients, loss: setup.loss) {
            #expect(error <= 1e-4, "\(tensor): \(error)")
        }
    }

    /// Logits far from zero: no overflow, the loss their size, and the gradient 0 or 1.
    @Test func extremeLogits() {
        let setup = Setup(hidden: 6, dropout: 0, seed: 5)
        let bias = setup.objective.discriminator.prediction.bias
        for logit: Float in [-1e4, 1e4] {
            var span = setup.arena.mutableSpan(of: bias)
            span[0] = logit
            var workspace = setup.objective.makeWorkspace(tokenCapacity: 10, longestSequence: 6, use: .training)
            let gradients = ParameterArena(setup.objective.layout)
            let statistics = setup.objective.run(
                setup.examples[...], firstNumber: 0, parameters: setup.arena, workspace: &workspace,
                gradients: (gradients, 1), dropout: nil)
            let wrong = setup.examples.flatMap(\.labels).count { ($0 == 1) != (logit > 0) }
            #expect(abs(statistics.lossSum - 1e4 * Double(wrong)) <= 200, "up to the logits without the bias")
            #expect(gradients[bias][0] == Float(wrong) * (logit > 0 ? 1 : -1))
        }
    }
}
