import Models

/// A loss over sequences, which a trainer minimizes.
public protocol Objective: Sendable {
    /// One sequence with the data that the loss needs.
    associatedtype Example: TrainingExample
    /// The activations of one thread.
    associatedtype Workspace
    /// Sums over tokens, mergeable across threads.
    associatedtype Statistics: StepStatistics

    var layout: ParameterLayout { get }
    var configuration: EncoderConfiguration { get }

    func makeWorkspace(tokenCapacity: Int, longestSequence: Int, use: EncoderWorkspace.Use) -> Workspace

    /// Floating-point operations of the products of a forward pass on one sequence (`OperationCount`).
    func operationCount(of example: Example) -> Double

    /// Runs the model on a micro-batch. With `gradients`, adds those of scale · Σ loss to them.
    ///
    /// - Parameter firstNumber: the number of the first example in the step's batch; addresses dropout.
    func run(
        _ examples: ArraySlice<Example>, firstNumber: Int, parameters: ParameterArena, workspace: inout Workspace,
        gradients: (arena: ParameterArena, scale: Float)?, dropout: DropoutPlan?
    ) -> Statistics
}

extension Objective {
    /// The encoder's alone.
    public func operationCount(of example: Example) -> Double {
        OperationCount.encoder(configuration, tokens: example.tokenCount)
    }

    /// Of a training step on these sequences.
    func trainingOperations(on examples: [Example]) -> Double {
        OperationCount.trainingFactor * examples.reduce(0) { $0 + operationCount(of: $1) }
    }
}

/// One sequence of a batch.
public protocol TrainingExample: Sendable {
    /// Special tokens are counted.
    var tokenCount: Int { get }
    /// Terms of the loss: tokens for replaced token detection, masked positions for masked language modeling.
    var termCount: Int { get }
}

/// The measurements of a step, as sums over tokens.
public protocol StepStatistics: Codable, Sendable {
    init()
    mutating func add(_ other: Self)
    /// Tokens that went through the model.
    var tokenCount: Int { get }
    var meanLoss: Double { get }
    /// The figures for the log.
    var record: MetricsRecord { get }
}
