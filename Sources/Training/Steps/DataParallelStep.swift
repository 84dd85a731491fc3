import Dispatch
import Kernels
import Models
import Synchronization

/// Training steps on several threads.
///
/// The batch is dealt to lanes, and threads take one lane after another: forward and backward on the lane's sequences, with
/// products of one thread. Then all threads update parameters range by range. Sums over lanes are added in the order of a
/// ``LaneTree``, so results depend on the number of lanes and not on the number of threads.
public final class DataParallelStep<Task: Objective>: Sendable {
    public let objective: Task
    public let parameters: ParameterArena
    public let optimizer: AdamW
    private let workers: [Worker]
    private let tree: LaneTree
    private let seed: UInt64
    private let microBatchTokens: Int

    public static var gradientNormLimit: Double { 1.0 }

    /// What one step did.
    public struct Outcome: Sendable {
        public let statistics: Task.Statistics
        /// Of the whole gradient, before clipping.
        public let gradientNorm: Double
    }

    /// The activations of one thread. Touched by one thread at a time.
    private final class Worker: @unchecked Sendable {
        var workspace: Task.Workspace

        init(workspace: Task.Workspace) {
            self.workspace = workspace
        }
    }

    /// - Parameters:
    ///   - threads: those beyond the number of lanes would find nothing to do, and are not started.
    ///   - lanes: a power of two. Decides how sums round.
    ///   - longestSequence: tokens.
    public init(
        _ objective: Task, parameters: ParameterArena, threads: Int, lanes: Int = TrainingSettings.usualLanes,
        longestSequence: Int, microBatchTokens: Int = TrainingMemory.microBatchTokens, seed: UInt64
    ) {
        precondition(threads > 0)
        self.objective = objective
        self.parameters = parameters
        self.seed = seed
        self.microBatchTokens = max(microBatchTokens, longestSequence)
        optimizer = AdamW(objective.layout)
        tree = LaneTree(objective.layout, laneCount: lanes, threads: threads)
        let capacity = self.microBatchTokens
        workers = (0..<min(threads, lanes)).map { _ in
            Worker(
                workspace: objective.makeWorkspace(
                    tokenCapacity: capacity, longestSequence: longestSequence, use: .training))
        }
    }

    /// One update of the parameters. Steps count from 0.
    public func update(on examples: [Task.Example], step: Int, learningRate: Float) -> Outcome {
        let terms = examples.reduce(0) { $0 + $1.termCount }
        let dropout = DropoutPlan(objective.configuration, seed: seed, step: UInt32(truncatingIfNeeded: step))
        let statistics = onEachWorker(of: examples) { [self] worker, record in
            while let (lane, share, gradients) = tree.nextSum() {
                record(
                    lane,
                    run(
                        examples[share], in: worker, gradients: (gradients, 1 / Float(max(terms, 1))), dropout: dropout)
                )
                tree.put(gradients, ofLane: lane)
            }
        }
        guard let gradients = tree.rootParts().first else { return Outcome(statistics: statistics, gradientNorm: 0) }
        let norm = addUpGradients().squareRoot()
        let scale = norm > Self.gradientNormLimit ? Float(Self.gradientNormLimit / norm) : 1
        if norm.isFinite {
            forEachRange { [self] range, decays in
                optimizer.update(
                    parameters, with: gradients, in: range, decays: decays, gradientScale: scale,
                    learningRate: learningRate, step: step + 1)
            }
        }
        return Outcome(statistics: statistics, gradientNorm: norm)
    }

    /// Measures without training: no dropout, no gradients.
    public func evaluate(_ examples: [Task.Example]) -> Task.Statistics {
        onEachWorker(of: examples) { [self] worker, record in
            while let (lane, share) = tree.nextLane() {
                record(lane, run(examples[share], in: worker, gradients: nil, dropout: nil))
            }
        }
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

    /// Leaves the sum of all lanes' gradients in the first of the tree's root parts; returns the sum of its squares.
    private func addUpGradients() -> Double {
        let parts = tree.rootParts()
        let (sum, others) = (parts[0], parts.dropFirst())
        let squares = Mutex<[Int: Double]>([:])
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

    /// Deals a batch to lanes and lets all threads work on them; returns what they recorded, added in the order of the lanes.
    private func onEachWorker(
        of examples: [Task.Example],
        _ body: @Sendable (_ worker: Worker, _ record: (_ lane: Int, Task.Statistics) -> Void) -> Void
    ) -> Task.Statistics {
        tree.begin(exampleCount: examples.count)
        let ofLanes = Mutex([Task.Statistics?](repeating: nil, count: tree.laneCount))
        DispatchQueue.concurrentPerform(iterations: workers.count) { [workers] thread in
            body(workers[thread]) { lane, statistics in ofLanes.withLock { $0[lane] = statistics } }
        }
        return ofLanes.withLock { $0.compactMap(\.self).reduce(into: Task.Statistics()) { $0.add($1) } }
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
