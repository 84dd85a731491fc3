import Fixtures
import Kernels
import Models
import Testing
import Train
import Training

/// The discriminator against `ElectraForPreTraining` of transformers, on ragged sequences.
@Suite struct DiscriminatorGoldenTests {
    private struct Setup {
        let golden: GoldenModel
        let objective: DetectionObjective
        let parameters: ParameterArena
        let examples: [ReplayedSequence]

        init(_ name: String) throws {
            golden = try GoldenModel(name)
            objective = DetectionObjective(Discriminator(try golden.configuration))
            parameters = try golden.parameters(objective.layout)
            examples = zip(golden.sequences, golden.labels).map { tokens, labels in
                ReplayedSequence(tokens: tokens, labels: labels.map { UInt8($0) })
            }
        }

        /// Gradients and statistics of the whole batch.
        func run() -> (statistics: DetectionStatistics, gradients: ParameterArena) {
            var workspace = objective.makeWorkspace(tokenCapacity: 64, longestSequence: 20, use: .training)
            let gradients = ParameterArena(objective.layout)
            let terms = examples.reduce(0) { $0 + $1.termCount }
            let statistics = objective.run(
                examples[...], firstNumber: 0, parameters: parameters, workspace: &workspace,
                gradients: (gradients, 1 / Float(terms)), dropout: nil)
            return (statistics, gradients)
        }
    }

    static let names = ["electra-discriminator", "electra-discriminator-unprojected"]

    @Test(arguments: names) func logitsAgree(name: String) throws {
        let setup = try Setup(name)
        let workspace = DiscriminatorWorkspace(
            setup.objective.configuration, tokenCapacity: 64, longestSequence: 20, use: .inference)
        var batch = TokenBatch()
        for sequence in setup.golden.sequences { batch.append(sequence.span, number: 0) }
        setup.objective.discriminator.forward(batch, arena: setup.parameters, workspace: workspace)
        let scale = setup.golden.logits.reduce(0) { max($0, abs($1)) }
        for (number, sequence) in batch.sequences.enumerated() {
            for (position, row) in sequence.rows.enumerated() {
                let expected = setup.golden.logits[number * setup.golden.logitStride + position]
                #expect(abs(workspace.logits.span[row] - expected) <= 1e-4 * scale)
            }
        }
    }

    @Test(arguments: names) func lossAndEveryGradientAgree(name: String) throws {
        let setup = try Setup(name)
        let (statistics, gradients) = setup.run()
        #expect(abs(statistics.meanLoss - Double(setup.golden.loss)) <= 1e-4 * Double(setup.golden.loss))
        for (tensor, error) in try setup.golden.gradientErrors(gradients) {
            #expect(error <= 1e-4, "\(tensor): \(error)")
        }
    }

    /// The comparison can fail: one weight moved by a percent is seen in the loss and in most gradients.
    @Test func aWrongWeightIsSeen() throws {
        let setup = try Setup("electra-discriminator")
        let weight = setup.objective.discriminator.encoder.parameters.layers[0].output.weight
        var span = setup.parameters.mutableSpan(of: weight)
        span[5] += 0.01
        let wrong = try setup.golden.gradientErrors(setup.run().gradients).filter { $0.error > 1e-4 }
        #expect(wrong.count > 20)
    }

    @Test(arguments: names, [1, 2]) func tenStepsAgree(name: String, threads: Int) throws {
        let setup = try Setup(name)
        try setup.golden.expectCurve { update in
            let steps = DataParallelStep(
                setup.objective, parameters: setup.parameters, threads: threads, longestSequence: 20,
                microBatchTokens: 20, seed: 0)
            for step in 0..<10 {
                let outcome = try steps.update(on: setup.examples, step: step, learningRate: GoldenModel.rate(at: step))
                update(step, Float(outcome.statistics.meanLoss), Float(outcome.gradientNorm))
            }
        }
    }
}
