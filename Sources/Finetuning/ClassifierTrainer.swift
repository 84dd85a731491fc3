import Models
import Random
import Training

/// Trains one classifier.
struct ClassifierTrainer: Sendable {
    let classifier: SequenceClassifier
    let settings: FinetuningSettings
    let longestSequence: Int

    /// Trains on `examples`, then measures on others.
    ///
    /// The examples of step s are those at places s · batch size and up of the endless order of epochs, an ``EpochOrder``
    /// over all examples (purpose `shuffle`) under the run's seed.
    ///
    /// - Parameters:
    ///   - pretrained: the parameters that replace random ones at the start; `nil` leaves all random.
    ///   - report: the steps done so far.
    /// - Returns: `nil` if interrupted.
    func train(
        _ run: ClassifierRun, from pretrained: PretrainedEncoder?, on examples: [LabeledSequence],
        measuringOn measured: [LabeledSequence], report: (_ step: Int) -> Void,
        isInterrupted: () -> Bool
    ) throws -> (record: ClassifierRecord, parameters: ParameterArena)? {
        let parameters = ParameterArena(classifier.layout)
        parameters.initialize(standardDeviation: classifier.configuration.initializerRange, seed: run.seed)
        pretrained?.copy(to: parameters)
        let training = DataParallelStep(
            ClassificationObjective(classifier), parameters: parameters, threads: settings.threads,
            lanes: FinetuningSettings.lanes,
            longestSequence: longestSequence, seed: run.seed)
        let (visits, steps) = (settings.visits(for: examples.count), settings.steps(for: examples.count))
        let schedule = LearningRateSchedule(
            peak: run.learningRate, warmupSteps: FinetuningSettings.warmup.steps(of: steps), totalSteps: steps)
        let order = EpochOrder(count: examples.count, stream: RandomStream(seed: run.seed, purpose: .shuffle))
        var (losses, norms, tokens) = ([Float](), [Float](), 0)
        let start = ContinuousClock.now
        for step in 0..<steps {
            if isInterrupted() { return nil }
            let place = step * settings.batchSize
            let batch = (place..<min(place + settings.batchSize, visits)).map { examples[order[$0].index] }
            let outcome = try training.update(on: batch, step: step, learningRate: schedule.rate(at: step))
            guard outcome.statistics.meanLoss.isFinite, outcome.gradientNorm.isFinite else { break }
            losses.append(Float(outcome.statistics.meanLoss))
            norms.append(Float(outcome.gradientNorm))
            tokens += outcome.statistics.tokenCount
            report(step + 1)
        }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let statistics = try training.evaluate(measured)
        let record = ClassifierRecord(
            run: run, steps: losses.count, tokens: tokens, seconds: seconds, losses: losses, gradientNorms: norms,
            divergedAtStep: losses.count < steps ? losses.count + 1 : nil, measuredLoss: statistics.meanLoss,
            confusion: statistics.confusion)
        return (record, parameters)
    }
}
