import Dispatch
import Kernels
import Models
import Synchronization

/// Training steps on several threads: each runs forward and backward on sequences of its own with single-threaded BLAS,
/// then all add up gradients and update parameters range by range.
///
/// Results depend on the number of threads (sums of gradients round differently), and on nothing else.
public final class DataParallelStep<Task: Objective>: Sendable {
    public let objective: Task
    public let parameters: ParameterArena
    public let optimizer: AdamW
    private let workers: [Worker]
    private let seed: UInt64
    private let microBatchTokens: Int

    public static var gradientNormLimit: Double { 1.0 }

    /// What one step did.
    public struct Outcome: Sendable {
        public let statistics: Task.Statistics
        /// Of the whole gradient, before clipping.
        public let gradientNorm: Double
    }

    /// Touched by one thread at a time.
    private final class Worker: @unchecked Sendable {
        let gradients: ParameterArena
        var workspace: Task.Workspace
        var statistics = Task.Statistics()

        init(gradients: ParameterArena, workspace: Task.Workspace) {
            self.gradients = gradients
            self.workspace = workspace
        }
    }

    public init(
        _ objective: Task, parameters: ParameterArena, threads: Int, longestSequence: Int,
        microBatchTokens: Int = TrainingMemory.microBatchTokens,
        seed: UInt64
    ) {
        precondition(threads > 0)
        self.objective = objective
        self.parameters = parameters
        self.seed = seed
        self.microBatchTokens = max(microBatchTokens, longestSequence)
        optimizer = AdamW(objective.layout)
        let capacity = self.microBatchTokens
        workers = (0..<threads).map { _ in
            Worker(
                gradients: ParameterArena(objective.layout),
                workspace: objective.makeWorkspace(
                    tokenCapacity: capacity, longestSequence: longestSequence, use: .training))
        }
    }

    /// One update of the parameters. Steps count from 0.
    public func update(on examples: [Task.Example], step: Int, learningRate: Float) -> Outcome {
        let terms = examples.reduce(0) { $0 + $1.termCount }
        let dropout = DropoutPlan(objective.configuration, seed: seed, step: UInt32(truncatingIfNeeded: step))
        let shares = EvenShares(of: examples.count, among: workers.count)
        onEachWorker { [self] index, worker in
            worker.gradients.values.fill(with: 0)
            worker.statistics = run(
                examples[shares[index]], in: worker,
                gradients: (worker.gradients, 1 / Float(max(terms, 1))), dropout: dropout)
        }
        let norm = addUpGradients().squareRoot()
        let scale = norm > Self.gradientNormLimit ? Float(Self.gradientNormLimit / norm) : 1
        if norm.isFinite {
            forEachRange { [self] range, decays in
                optimizer.update(
                    parameters, with: workers[0].gradients, in: range, decays: decays, gradientScale: scale,
                    learningRate: learningRate, step: step + 1)
            }
        }
        return Outcome(statistics: mergedStatistics(), gradientNorm: norm)
    }

    /// Measures without training: no dropout, no gradients.
    public func evaluate(_ examples: [Task.Example]) -> Task.Statistics {
        let shares = EvenShares(of: examples.count, among: workers.count)
        onEachWorker { [self] index, worker in
            worker.statistics = run(examples[shares[index]], in: worker, gradients: nil, dropout: nil)
        }
        return mergedStatistics()
    }

    /// Micro-batches of whole sequences, as many as fit the workspace.
    private func run(
        _ examples: ArraySlice<Task.Example>, in worker: Worker, gradients: (arena: ParameterArena, scale: Float)?,
        dropout: DropoutPlan?
    ) -> Task.Statistics {
        var statistics = Task.Statistics()
        var start = examples.startIndex
        while start < examples.endIndex {
            var end = start
            var tokens = 0
            while end < examples.endIndex, end == start || tokens + examples[end].tokenCount <= microBatchTokens {
                tokens += examples[end].tokenCount
                end += 1
            }
            statistics.add(
                objective.run(
                    examples[start..<end], firstNumber: start, parameters: parameters, workspace: &worker.workspace,
                    gradients: gradients, dropout: dropout))
            start = end
        }
        return statistics
    }

    private func mergedStatistics() -> Task.Statistics {
        workers.reduce(into: Task.Statistics()) { $0.add($1.statistics) }
    }

    /// Leaves the sum of all workers' gradients with the first worker; returns the sum of its squares.
    private func addUpGradients() -> Double {
        let squares = Mutex<[Int: Double]>([:])
        let sum = workers[0].gradients
        let others = workers.dropFirst().map(\.gradients)
        forEachRange { range, _ in
            for other in others {
                Rows.add(other.values.span(range), to: sum.values.mutableSpan(range))
            }
            let sumOfSquares = Rows.sumOfSquares(sum.values.span(range))
            squares.withLock { $0[range.lowerBound] = sumOfSquares }
        }
        // Added in the order of the ranges: floating-point sums depend on it.
        return squares.withLock { sums in sums.sorted { $0.key < $1.key }.reduce(0) { $0 + $1.value } }
    }

    private func onEachWorker(_ body: @Sendable (Int, Worker) -> Void) {
        DispatchQueue.concurrentPerform(iterations: workers.count) { [workers] in body($0, workers[$0]) }
    }

    /// Every tensor in pieces, spread over the threads.
    private func forEachRange(_ body: @Sendable (_ range: Range<Int>, _ decays: Bool) -> Void) {
        let pieces = objective.layout.pieces(of: 1 << 16)
        let count = workers.count
        DispatchQueue.concurrentPerform(iterations: count) { worker in
            for index in stride(from: worker, to: pieces.count, by: count) {
                body(pieces[index].range, pieces[index].decays)
            }
        }
    }
}

extension ParameterLayout {
    /// All tensors, cut into ranges of at most `size` floats.
    func pieces(of size: Int) -> [(range: Range<Int>, decays: Bool)] {
        tensors.flatMap { tensor in
            stride(from: tensor.range.lowerBound, to: tensor.range.upperBound, by: size).map {
                ($0..<min($0 + size, tensor.range.upperBound), tensor.decays)
            }
        }
    }
}
