import Fixtures
import GeneratorTraining
import Kernels
import Models
import Testing
import Training

/// The masked language models against those of transformers, on ragged sequences.
@Suite struct MaskedLanguageGoldenTests {
    private struct Setup {
        let golden: GoldenModel
        let objective: MaskedLanguageObjective
        let parameters: ParameterArena
        let examples: [MaskedSequence]

        init(_ name: String) throws {
            golden = try GoldenModel(name)
            let (model, _) = try MaskedLanguageModel.load(from: golden.folder)
            objective = MaskedLanguageObjective(MaskedLanguageModel(model.architecture, try golden.configuration))
            parameters = try golden.parameters(objective.layout)
            examples = zip(golden.sequences, golden.labels).map { tokens, labels in
                let positions = labels.indices.filter { labels[$0] >= 0 }
                return MaskedSequence(
                    tokens: tokens, positions: positions.map { Int32($0) }, originals: positions.map { labels[$0] })
            }
        }
    }

    /// Of every family; with every activation; 16-bit shards, and PyTorch's own format with the names of older releases.
    static let names = ["electra-generator", "bert", "roberta", "distilbert", "electra-generator-half", "bert-old"]

    @Test(arguments: names) func logitsAgree(name: String) throws {
        let setup = try Setup(name)
        let model = setup.objective.model
        let workspace = EncoderWorkspace(
            model.configuration, tokenCapacity: 64, longestSequence: 20, use: .inference)
        let prediction = PredictionWorkspace(model.configuration, rowCapacity: 64)
        var batch = TokenBatch()
        for sequence in setup.golden.sequences { batch.append(sequence.span, number: 0) }
        model.encoder.forward(batch, arena: setup.parameters, workspace: workspace)
        let rows = (0..<Int32(batch.count)).map { $0 }
        model.predict(at: rows.span, of: workspace.output, arena: setup.parameters, workspace: prediction)
        let vocabulary = model.configuration.vocabularySize
        let scale = setup.golden.logits.reduce(0) { max($0, abs($1)) }
        for (number, sequence) in batch.sequences.enumerated() {
            for (position, row) in sequence.rows.enumerated() {
                for token in 0..<vocabulary {
                    let expected =
                        setup.golden.logits[number * setup.golden.logitStride + position * vocabulary + token]
                    #expect(abs(prediction.logits.span[row * vocabulary + token] - expected) <= 1e-4 * scale)
                }
            }
        }
    }

    @Test(arguments: names) func lossAndEveryGradientAgree(name: String) throws {
        let setup = try Setup(name)
        var workspace = setup.objective.makeWorkspace(tokenCapacity: 64, longestSequence: 20, use: .training)
        let gradients = ParameterArena(setup.objective.layout)
        let terms = setup.examples.reduce(0) { $0 + $1.termCount }
        let statistics = setup.objective.run(
            setup.examples[...], firstNumber: 0, parameters: setup.parameters, workspace: &workspace,
            gradients: (gradients, 1 / Float(terms)), dropout: nil)
        #expect(abs(statistics.meanLoss - Double(setup.golden.loss)) <= 1e-4 * Double(setup.golden.loss))
        for (tensor, error) in try setup.golden.gradientErrors(gradients) {
            #expect(error <= 1e-4, "\(tensor): \(error)")
        }
    }

    /// The comparison can fail: one weight moved by a hundredth is seen in most gradients.
    @Test(arguments: names) func aWrongWeightIsSeen(name: String) throws {
        let setup = try Setup(name)
        var span = setup.parameters.mutableSpan(of: setup.objective.model.encoder.parameters.layers[0].output.weight)
        span[5] += 0.01
        var workspace = setup.objective.makeWorkspace(tokenCapacity: 64, longestSequence: 20, use: .training)
        let gradients = ParameterArena(setup.objective.layout)
        let terms = setup.examples.reduce(0) { $0 + $1.termCount }
        _ = setup.objective.run(
            setup.examples[...], firstNumber: 0, parameters: setup.parameters, workspace: &workspace,
            gradients: (gradients, 1 / Float(terms)), dropout: nil)
        #expect(try setup.golden.gradientErrors(gradients).count { $0.error > 1e-4 } > 20)
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
