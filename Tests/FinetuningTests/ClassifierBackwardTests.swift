import CLibrary
import Finetuning
import Fixtures
import Kernels
import Models
import Random
import Testing

/// Every head and its loss against central differences of the double-precision oracle, dropout included.
@Suite struct ClassifierBackwardTests {
    /// A head as its family in transformers has it.
    struct Head: Sendable, CustomStringConvertible {
        let family: ModelFamily
        let dense: String
        let output: String
        let function: @Sendable (Double) -> Double
        let dropsInput: Bool

        var description: String { family.modelType }

        static let all = [
            Head(
                family: .electra, dense: "classifier.dense", output: "classifier.out_proj",
                function: { 0.5 * $0 * erfc(-$0 / 2.0.squareRoot()) }, dropsInput: true),
            Head(
                family: .bert, dense: "bert.pooler.dense", output: "classifier", function: { tanh($0) },
                dropsInput: false),
            Head(
                family: .roberta, dense: "classifier.dense", output: "classifier.out_proj", function: { tanh($0) },
                dropsInput: true),
            Head(
                family: .distilBert, dense: "pre_classifier", output: "classifier", function: { max($0, 0) },
                dropsInput: false),
        ]
    }

    private struct Setup {
        let head: Head
        let objective: ClassificationObjective
        let arena: ParameterArena
        let examples: [LabeledSequence]
        let plan: DropoutPlan?
        let reference: ReferenceEncoder

        init(_ head: Head, dropout: Float, classifierDropout: Float, seed: UInt64) {
            var configuration = EncoderConfiguration(
                vocabularySize: 9, embeddingSize: 5, hiddenSize: 6, layerCount: 1, attentionHeadCount: 2,
                intermediateSize: 7, maximumPositionCount: 8, dropout: dropout)
            // Not the encoder's: the head's result does not depend on hidden_act.
            configuration.activation = .silu
            configuration.classifierDropout = classifierDropout
            self.head = head
            objective = ClassificationObjective(
                SequenceClassifier(configuration, headOf: head.family, named: .electra, labelCount: 3))
            arena = ParameterArena(objective.layout)
            arena.fillWithNoise(deviation: 0.5, seed: seed)
            plan = DropoutPlan(configuration, seed: seed, step: 1)
            reference = ReferenceEncoder(configuration, prefix: "electra.", dropout: plan)
            var draws = RandomStream(seed: seed, purpose: .masking).draws(pass: 0, sequence: 0, position: 0)
            examples = [1, 6, 3, 4].map { length in
                LabeledSequence(
                    tokens: (0..<length).map { _ in Int32.random(in: 0..<9, using: &draws) },
                    secondSegment: length > 3 ? 2 : nil, label: Int.random(in: 0..<3, using: &draws))
            }
        }

        /// The mean of the cross-entropy over texts.
        func loss(_ parameters: ReferenceParameters) -> Double {
            var sum = 0.0
            for (number, example) in examples.enumerated() {
                let number = UInt32(number)
                let hidden = reference.hiddenStates(
                    of: example.tokens, secondSegment: example.secondSegment, number: number, parameters)
                var pooled = Matrix(rows: 1, columns: hidden.columns) { hidden[$0, $1] }
                if head.dropsInput { pooled = reference.dropped(pooled, at: .classifierInput, number: number) }
                let activated = reference.dropped(
                    parameters.linear(pooled, head.dense).map(head.function), at: .classifierHidden, number: number)
                let logits = parameters.linear(activated, head.output)
                sum += logits.logSumOfExponentials(row: 0) - logits[0, example.label]
            }
            return sum / Double(examples.count)
        }

        func gradients() -> (loss: Double, gradients: ParameterArena) {
            var workspace = objective.makeWorkspace(tokenCapacity: 14, longestSequence: 6, use: .training)
            let gradients = ParameterArena.erasedNoise(objective.layout)
            let statistics = objective.run(
                examples[...], firstNumber: 0, parameters: arena, workspace: &workspace,
                gradients: (gradients, 1 / Float(examples.count)), dropout: plan)
            gradients.settle()
            return (statistics.meanLoss, gradients)
        }
    }

    @Test(arguments: Head.all, [(Float(0), Float(0), UInt64(1)), (0, 0.3, 2), (0.2, 0, 3), (0.1, 0.4, 4)])
    func lossAndEveryGradientAgree(head: Head, variant: (dropout: Float, classifierDropout: Float, seed: UInt64)) {
        let setup = Setup(
            head, dropout: variant.dropout, classifierDropout: variant.classifierDropout, seed: variant.seed)
        let (loss, gradients) = setup.gradients()
        let parameters = ReferenceParameters(setup.arena)
        #expect(abs(loss - setup.loss(parameters)) < 1e-5)
        for (tensor, error) in parameters.gradientErrors(gradients, loss: setup.loss) {
            #expect(error <= 1e-4, "\(tensor): \(error)")
        }
    }

    /// The heads differ, and the comparison sees it.
    @Test func anotherHeadIsSeen() {
        let electra = Setup(Head.all[0], dropout: 0, classifierDropout: 0, seed: 1)
        let roberta = Setup(Head.all[2], dropout: 0, classifierDropout: 0, seed: 1)
        let errors = ReferenceParameters(electra.arena).gradientErrors(
            roberta.gradients().gradients, loss: electra.loss)
        #expect(errors.count { $0.error > 0.01 } > 10)
    }
}
