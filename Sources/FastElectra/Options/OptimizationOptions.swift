import ArgumentParser
import Training

/// The optimizer and its schedule. Left out, they are ELECTRA's (Clark et al. 2020, table 6).
struct OptimizationOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Updates in which the learning rate rises; a number below 1 is a share of all updates.",
            valueName: "n|share"))
    var warmup = Warmup.share(0.1)

    @Option(help: "The learning rate after its peak: linear and cosine fall to zero, constant stays.")
    var schedule: LearningRateSchedule.Shape = .linear

    @Option(help: ArgumentHelp("Weight decay of all parameters except biases and layer norms.", valueName: "x"))
    var weightDecay = AdamW.Configuration().weightDecay

    @Option(
        help: ArgumentHelp(
            "Learning rate of the word embeddings, as a share of the others'; 0 keeps them as they are.",
            discussion:
                "A lower rate keeps them nearer to their start. docs/study.md tried a tenth; no gain is certain.",
            valueName: "share"))
    var wordEmbeddingRate = AdamW.Configuration().wordEmbeddingRate

    @Option(name: .customLong("adam-beta1"), help: ArgumentHelp("Decay of the mean of gradients.", valueName: "x"))
    var firstDecay = AdamW.Configuration().firstDecay

    @Option(name: .customLong("adam-beta2"), help: ArgumentHelp("Decay of the mean of their squares.", valueName: "x"))
    var secondDecay = AdamW.Configuration().secondDecay

    @Option(help: ArgumentHelp("Added to the root of that mean.", valueName: "x"))
    var adamEpsilon = AdamW.Configuration().epsilon

    @Option(
        help: ArgumentHelp(
            "Scale a gradient with a larger norm down to this norm. 0 never scales.", valueName: "x"))
    var clip = TrainingSettings.usualGradientNormLimit

    @Option(help: ArgumentHelp("Dropout of hidden values and attention. The default is the preset's.", valueName: "p"))
    var dropout: Float?

    var configuration: AdamW.Configuration {
        var configuration = AdamW.Configuration()
        configuration.firstDecay = firstDecay
        configuration.secondDecay = secondDecay
        configuration.epsilon = adamEpsilon
        configuration.weightDecay = weightDecay
        configuration.wordEmbeddingRate = wordEmbeddingRate
        return configuration
    }

    var gradientNormLimit: Double { clip == 0 ? .infinity : clip }

    var parameters: [String: String] {
        [
            "--warmup": "\(warmup)", "--schedule": schedule.rawValue, "--weight-decay": "\(weightDecay)",
            "--adam-beta1": "\(firstDecay)", "--adam-beta2": "\(secondDecay)", "--adam-epsilon": "\(adamEpsilon)",
            "--word-embedding-rate": "\(wordEmbeddingRate)", "--clip": "\(clip)",
            "--dropout": dropout.map { "\($0)" } ?? "",
        ]
    }

    func validate() throws {
        for (name, value) in [("--adam-beta1", firstDecay), ("--adam-beta2", secondDecay), ("--dropout", dropout ?? 0)]
        where !(0..<1 ~= value) {
            throw ValidationError("'\(name)' takes a number from 0 up to, not including, 1, not \(value)")
        }
        guard 0...1 ~= weightDecay else { throw ValidationError("'--weight-decay' takes 0 to 1, not \(weightDecay)") }
        guard 0...1 ~= wordEmbeddingRate else {
            throw ValidationError("'--word-embedding-rate' takes 0 to 1, not \(wordEmbeddingRate)")
        }
        guard adamEpsilon > 0, adamEpsilon <= 1 else {
            throw ValidationError("'--adam-epsilon' takes a number above 0 and up to 1, not \(adamEpsilon)")
        }
        guard clip >= 0, clip.isFinite else {
            throw ValidationError("'--clip' takes a number from 0 on, not \(clip)")
        }
    }
}

extension LearningRateSchedule.Shape: ExpressibleByArgument {}

extension Warmup: CustomStringConvertible, ExpressibleByArgument {
    public init?(argument: String) {
        if let steps = Int(argument), (1...Int(Int32.max)).contains(steps) {
            self = .steps(steps)
        } else if let share = Double(argument), 0..<1 ~= share {
            self = .share(share)
        } else {
            return nil
        }
    }

    public var description: String {
        switch self {
        case .share(let share): "\(share)"
        case .steps(let steps): "\(steps)"
        }
    }
}
