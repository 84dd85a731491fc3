import Finetuning
import Kernels
import Models
import Testing
import Training

/// The classifiers against those of transformers, on texts and pairs of texts.
@Suite struct ClassifierGoldenTests {
    private struct Setup {
        let golden: GoldenClassifier
        let objective: ClassificationObjective
        let parameters: ParameterArena

        init(_ name: String) throws {
            golden = try GoldenClassifier(name)
            objective = ClassificationObjective(try golden.classifier)
            parameters = try golden.parameters(objective.layout)
        }

        /// Gradients and statistics of all examples.
        func run() -> (statistics: ClassificationStatistics, gradients: ParameterArena) {
            var workspace = objective.makeWorkspace(tokenCapacity: 512, longestSequence: 20, use: .training)
            let gradients = ParameterArena(objective.layout)
            let statistics = objective.run(
                golden.examples[...], firstNumber: 0, parameters: parameters, workspace: &workspace,
                gradients: (gradients, 1 / Float(golden.examples.count)), dropout: nil)
            return (statistics, gradients)
        }
    }

    @Test(arguments: GoldenClassifier.names) func readsTheLabels(name: String) throws {
        #expect(try GoldenClassifier(name).configuration.labels == ["no", "perhaps", "yes"])
    }

    @Test(arguments: GoldenClassifier.names) func logitsAgree(name: String) throws {
        let setup = try Setup(name)
        let classifier = setup.objective.classifier
        let workspace = ClassifierWorkspace(classifier, tokenCapacity: 512, longestSequence: 20, use: .inference)
        var batch = TokenBatch()
        for example in setup.golden.examples {
            batch.append(example.tokens.span, secondSegment: example.secondSegment, number: 0)
        }
        classifier.forward(batch, arena: setup.parameters, workspace: workspace)
        let scale = setup.golden.logits.reduce(0) { max($0, abs($1)) }
        #expect(setup.golden.logits.count == 24 * 3)
        for (index, expected) in setup.golden.logits.enumerated() {
            #expect(abs(workspace.logits.span[index] - expected) <= 1e-5 * scale)
        }
    }

    @Test(arguments: GoldenClassifier.names) func lossAndEveryGradientAgree(name: String) throws {
        let setup = try Setup(name)
        let (statistics, gradients) = setup.run()
        #expect(abs(statistics.meanLoss - Double(setup.golden.loss)) <= 1e-5)
        for (tensor, error) in try setup.golden.gradientErrors(gradients) {
            #expect(error <= 1e-4, "\(tensor): \(error)")
        }
    }

    /// The comparison can fail: one token's type changed is seen.
    @Test(arguments: ["classifier-electra", "classifier-bert"]) func aWrongTokenTypeIsSeen(name: String) throws {
        let setup = try Setup(name)
        var examples = setup.golden.examples
        let index = try #require(examples.firstIndex { $0.secondSegment != nil })
        examples[index].secondSegment! += 1
        var workspace = setup.objective.makeWorkspace(tokenCapacity: 512, longestSequence: 20, use: .training)
        let statistics = setup.objective.run(
            examples[...], firstNumber: 0, parameters: setup.parameters, workspace: &workspace, gradients: nil,
            dropout: nil)
        #expect(abs(statistics.meanLoss - Double(setup.golden.loss)) > 1e-5)
    }

    @Test(arguments: GoldenClassifier.names, [1, 2]) func fiftyStepsAgree(name: String, threads: Int) throws {
        let setup = try Setup(name)
        let steps = DataParallelStep(
            setup.objective, parameters: setup.parameters, threads: threads, longestSequence: 20, microBatchTokens: 30,
            seed: 0)
        let plan = GoldenClassifier.schedule
        let schedule = LearningRateSchedule(peak: plan.peak, warmupSteps: plan.warmup, totalSteps: plan.steps)
        for step in 0..<plan.steps {
            let outcome = try steps.update(
                on: setup.golden.batch(of: step), step: step, learningRate: schedule.rate(at: step))
            let (loss, norm) = (setup.golden.curve.losses[step], setup.golden.curve.norms[step])
            #expect(abs(Float(outcome.statistics.meanLoss) - loss) <= 1e-4, "loss of step \(step)")
            #expect(abs(Float(outcome.gradientNorm) - norm) <= 1e-3 * norm, "gradient norm of step \(step)")
        }
    }
}
