import ArgumentParser
import Optimization

/// How long and how fast a model is trained.
struct TrainingOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Updates.", valueName: "n"))
    var steps: Int?

    @Option(help: ArgumentHelp("Sequences an update; the preset's if left out.", valueName: "n"))
    var batchSize: Int?

    @Option(help: ArgumentHelp("Peak learning rate; the preset's if left out.", valueName: "x"))
    var learningRate: Float?

    @Option(
        help: ArgumentHelp(
            "How parameters start: random, or local: a first layer that looks at neighbouring words, which learns much"
                + " sooner from little text."))
    var initialization: StartingPoint = .local

    @Option(help: ArgumentHelp("Updates between two lines of metrics.jsonl.", valueName: "n"))
    var logInterval = 10

    @Option(help: ArgumentHelp("Updates between two checkpoints.", valueName: "n"))
    var checkpointInterval = 1000

    func validate() throws {
        for (name, value) in [
            ("--steps", steps ?? 1), ("--batch-size", batchSize ?? 1), ("--log-interval", logInterval),
            ("--checkpoint-interval", checkpointInterval),
        ] where !(1...Int(Int32.max)).contains(value) {
            throw ValidationError("'\(name)' takes a positive number, not \(value)")
        }
        if let learningRate, !(learningRate > 0 && learningRate <= 1) {
            throw ValidationError("'--learning-rate' takes a number above 0 and up to 1, not \(learningRate)")
        }
    }
}

extension StartingPoint: ExpressibleByArgument {}
