import Kernels
import Models

/// An estimate of a run's time, memory and disk, from some of its updates. Nothing is written of them.
public struct TrainingForecast: Encodable, Sendable, Hashable {
    /// Of the model.
    public let parameters: Int
    public let steps: Int
    /// How often the run goes through the data.
    public let epochs: Double
    /// That go through the model while it trains.
    public let tokens: Int
    /// While it trains, without evaluations.
    public let tokensPerSecond: Double
    /// Floating-point operations of products.
    public let flopsPerToken: Double
    /// The share of the rate that this machine's products reach by themselves.
    public let utilization: Double
    /// Of the whole run, evaluations included.
    public let seconds: Double
    /// The most memory that the run will have, in bytes.
    public let memory: Int
    /// Of a checkpoint, in bytes.
    public let checkpointBytes: Int
    /// The most that the run leaves on the disk, in bytes: the newest checkpoints, and the best one on held-out data.
    public let diskBytes: Int
    /// The most that it has there on the way, with one that is being written.
    public let mostDiskBytes: Int
}

extension DataParallelStep {
    /// Makes some updates of a run and estimates from them the time, memory and disk of the whole. The parameters are not worth
    /// anything afterwards.
    ///
    /// - Parameters:
    ///   - settings: the run's.
    ///   - epochs: how often the run goes through the data.
    ///   - tokensPerSequence: mean over the data.
    ///   - evaluations: the steps between two of them, and the tokens of all together; `nil` where nothing is measured besides.
    ///   - input: the sequences of a step.
    /// - Returns: `nil` if interrupted.
    public func forecast(
        _ settings: TrainingSettings, epochs: Double, tokensPerSequence: Double,
        evaluations: (interval: Int, tokens: Int)?, input: (_ step: Int) throws -> [Task.Example],
        isInterrupted: () -> Bool
    ) throws -> TrainingForecast? {
        // That the updates may take, about.
        let seconds = 5.0
        let peakRate = ProductRate.measure(threads: settings.threads)
        // The first ones clear pages and tell how many sequences the time is enough for.
        let batch = try input(0)
        let trial = Array(batch.prefix(settings.lanes))
        let trialSeconds = try time { _ = try update(on: trial, step: 0, learningRate: 0) }
        let affordable = Int(seconds / max(trialSeconds, 1e-6) * Double(trial.count))
        let size = min(batch.count, max(trial.count, affordable))
        var (tokens, operations, spent) = (0, 0.0, 0.0)
        var step = 1
        while spent < seconds, step < 1000 {
            if isInterrupted() { return nil }
            var examples: [Task.Example] = []
            let took = try time {
                examples = Array(try input(step % settings.steps).prefix(size))
                _ = try update(on: examples, step: step, learningRate: 0)
            }
            spent += took
            tokens += examples.reduce(0) { $0 + $1.tokenCount }
            operations += objective.trainingOperations(on: examples)
            step += 1
        }
        let rate = Double(tokens) / spent
        let totalTokens = Double(settings.steps * settings.batchSize) * tokensPerSequence
        var evaluationSeconds = 0.0
        if let evaluations {
            let sample = Array(batch.prefix(size))
            let took = try time { _ = try evaluate(sample) }
            evaluationSeconds =
                took * Double(evaluations.tokens) / Double(max(sample.reduce(0) { $0 + $1.tokenCount }, 1))
        }
        let layout = objective.layout
        let float = MemoryLayout<Float>.stride
        let checkpoint = (3 * layout.count + layout.trainingTensors.reduce(0) { $0 + $1.range.count }) * float
        // Each evaluation may be the best so far, and then its checkpoint is written and stays beside the newest ones.
        let kept = (1...settings.steps).lazy.filter { step in
            step == settings.steps || step.isMultiple(of: settings.checkpointInterval)
                || step.isMultiple(of: evaluations?.interval ?? settings.steps)
        }.prefix(settings.keptCheckpoints + (evaluations == nil ? 0 : 1)).count
        let model = layout.parameterCount * float
        // Parameters and moments are copied for the checkpoint that is being written.
        let memory = (PeakMemory.byteCount ?? 0) + 3 * layout.count * float
        return TrainingForecast(
            parameters: layout.parameterCount, steps: settings.steps, epochs: epochs, tokens: Int(totalTokens),
            tokensPerSecond: rate, flopsPerToken: operations / Double(max(tokens, 1)),
            utilization: operations / spent / peakRate, seconds: totalTokens / rate + evaluationSeconds, memory: memory,
            checkpointBytes: checkpoint, diskBytes: kept * checkpoint + model,
            mostDiskBytes: (kept + 1) * checkpoint + model)
    }

    private func time(_ body: () throws -> Void) rethrows -> Double {
        let start = ContinuousClock.now
        try body()
        return (ContinuousClock.now - start) / .seconds(1)
    }
}
