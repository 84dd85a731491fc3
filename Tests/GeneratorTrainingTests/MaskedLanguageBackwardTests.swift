import Fixtures
import Foundation
import GeneratorTraining
import Kernels
import Models
import Random
import Testing
import Training

/// The masked language model's head, tied decoder and loss against central differences of the double-precision oracle.
@Suite struct MaskedLanguageBackwardTests {
    private struct Setup {
        let objective: MaskedLanguageObjective
        let arena: ParameterArena
        let examples: [MaskedSequence]
        let plan: DropoutPlan?
        let reference: ReferenceEncoder
        let head: (transform: String, bias: String)
        let decoder: String?

        init(
            _ architecture: Architecture, embedding: Int, lengths: [Int], dropout: Float, seed: UInt64,
            tiesDecoder: Bool, focal: Float, asksSentences: Bool
        ) {
            let vocabulary = 18
            var configuration = EncoderConfiguration(
                vocabularySize: vocabulary, embeddingSize: embedding, hiddenSize: 6, layerCount: 1,
                attentionHeadCount: 2, intermediateSize: 7, maximumPositionCount: 200, dropout: dropout)
            // A head of BERT's has the encoder's activation, one of ELECTRA's always GELU.
            configuration.activation = .silu
            objective = MaskedLanguageObjective(
                MaskedLanguageModel(architecture, configuration, tiesDecoder: tiesDecoder), focal: focal)
            arena = ParameterArena(objective.layout)
            arena.fillWithNoise(deviation: 0.5, seed: seed)
            plan = DropoutPlan(configuration, seed: seed, step: 1)
            reference = ReferenceEncoder(configuration, prefix: architecture.family.encoder.prefix, dropout: plan)
            head =
                architecture == .bertForMaskedLM
                ? ("cls.predictions.transform.", "cls.predictions.bias")
                : ("generator_predictions.", "generator_lm_head.bias")
            decoder = tiesDecoder ? nil : "cls.predictions.decoder.weight"
            var draws = RandomStream(seed: seed, purpose: .masking).draws(pass: 0, sequence: 0, position: 0)
            examples = lengths.map { length in
                let positions = (0..<Int32(length)).filter { $0 % 3 != 1 }
                return MaskedSequence(
                    tokens: (0..<length).map { _ in Int32.random(in: 0..<Int32(vocabulary), using: &draws) },
                    positions: positions,
                    originals: positions.map { _ in Int32.random(in: 0..<Int32(vocabulary), using: &draws) },
                    secondSegment: length / 2,
                    sentenceTargets: asksSentences ? (0..<length % 4).map { _ in draws.token(below: vocabulary) } : [])
            }
        }

        var terms: Int { examples.reduce(0) { $0 + $1.termCount } }

        /// The mean over masked positions, by the cross-entropy or the focal loss by its definition, and over the tokens that position
        /// 0 is asked for, by the cross-entropy.
        func loss(_ parameters: ReferenceParameters) -> Double {
            let (masked, sentences) = lossSums(parameters)
            return (masked + sentences) / Double(terms)
        }

        func lossSums(_ parameters: ReferenceParameters) -> (masked: Double, sentences: Double) {
            var (sum, sentences) = (0.0, 0.0)
            for (number, example) in examples.enumerated() {
                let hidden = reference.hiddenStates(
                    of: example.tokens, secondSegment: example.secondSegment > 0 ? example.secondSegment : nil,
                    number: UInt32(number), parameters)
                let transformed = parameters.layerNorm(
                    parameters.linear(hidden, head.transform + "dense").activated(by: objective.model.activation),
                    head.transform + "LayerNorm",
                    epsilon: reference.configuration.layerNormEpsilon)
                let logits = transformed.linear(
                    weight: parameters[decoder ?? reference.prefix + "embeddings.word_embeddings.weight"],
                    bias: parameters[head.bias])
                for (position, original) in zip(example.positions, example.originals) {
                    let surprise =
                        logits.logSumOfExponentials(row: Int(position)) - logits[Int(position), Int(original)]
                    sum += pow(1 - exp(-surprise), Double(objective.focal)) * surprise
                }
                for target in example.sentenceTargets {
                    sentences += logits.logSumOfExponentials(row: 0) - logits[0, Int(target)]
                }
            }
            return (sum, sentences)
        }
    }

    @Test(arguments: [
        (Architecture.electraForMaskedLM, 5, [1, 6, 3], Float(0), UInt64(1), true, Float(0), true),
        (.electraForMaskedLM, 5, [4, 1, 2], 0.2, 2, true, 0, true),
        (.electraForMaskedLM, 5, [4, 1, 2], 0, 6, true, 2, true),
        (.bertForMaskedLM, 6, [5, 3], 0, 7, true, 0.5, false),
        (.bertForMaskedLM, 6, [5, 3], 0, 3, true, 0, true), (.bertForMaskedLM, 6, [5, 3], 0, 5, false, 4, true),
        // 140 masked positions: more than one portion of the head.
        (.electraForMaskedLM, 3, [199, 11], 0, 4, true, 1, false),
    ])
    func lossAndEveryGradientAgree(
        architecture: Architecture, embedding: Int, lengths: [Int], dropout: Float, seed: UInt64,
        tiesDecoder: Bool, focal: Float, asksSentences: Bool
    ) {
        let setup = Setup(
            architecture, embedding: embedding, lengths: lengths, dropout: dropout, seed: seed,
            tiesDecoder: tiesDecoder, focal: focal, asksSentences: asksSentences)
        var workspace = setup.objective.makeWorkspace(
            tokenCapacity: lengths.reduce(0, +), longestSequence: lengths.max() ?? 0, use: .training)
        let gradients = ParameterArena.erasedNoise(setup.objective.layout)
        let statistics = setup.objective.run(
            setup.examples[...], firstNumber: 0, parameters: setup.arena, workspace: &workspace,
            gradients: (gradients, 1 / Float(setup.terms)), dropout: setup.plan)
        gradients.settle()
        let parameters = ReferenceParameters(setup.arena)
        let (masked, sentences) = setup.lossSums(parameters)
        #expect(statistics.maskedCount + statistics.sentences.targetCount == setup.terms)
        #expect((statistics.sentences.targetCount > 0) == asksSentences)
        #expect(abs(statistics.meanLoss - masked / Double(statistics.maskedCount)) < 1e-5)
        #expect(abs(statistics.sentences.lossSum - sentences) < 1e-5 * Double(setup.terms))
        if lengths.count > 2 || lengths[0] < 100 {
            for (tensor, error) in parameters.gradientErrors(gradients, loss: setup.loss) {
                #expect(error <= 1e-4, "\(tensor): \(error)")
            }
        } else {
            expectSameGradient(as: gradients, setup)
        }
    }

    /// Portions of the head add up to the gradients of sequences on their own.
    private func expectSameGradient(as whole: ParameterArena, _ setup: Setup) {
        let sum = ParameterArena(setup.objective.layout)
        for (number, example) in setup.examples.enumerated() {
            for part in [example.positions.indices.filter { $0 < 70 }, example.positions.indices.filter { $0 >= 70 }] {
                var portion = example
                portion.positions = part.map { example.positions[$0] }
                portion.originals = part.map { example.originals[$0] }
                var workspace = setup.objective.makeWorkspace(tokenCapacity: 199, longestSequence: 199, use: .training)
                _ = setup.objective.run(
                    [portion][...], firstNumber: number, parameters: setup.arena, workspace: &workspace,
                    gradients: (sum, 1 / Float(setup.terms)), dropout: setup.plan)
            }
        }
        let largest = (0..<sum.values.count).reduce(Float(0)) { max($0, abs(sum.values.span[$1])) }
        for index in 0..<sum.values.count {
            #expect(abs(sum.values.span[index] - whole.values.span[index]) <= 1e-5 * largest)
        }
    }
}

extension RandomStream.Draws {
    fileprivate mutating func token(below count: Int) -> Int32 { Int32.random(in: 0..<Int32(count), using: &self) }
}
