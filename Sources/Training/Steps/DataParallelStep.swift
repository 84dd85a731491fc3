import Dispatch
import Kernels
import Models
import Ranks
import Synchronization

/// Training steps on several threads, of one process or of several ranks.
///
/// The batch is dealt to lanes, and threads take one lane after another: forward and backward on the lane's sequences, with
/// products of one thread. Then all threads update parameters range by range. Sums over lanes are added in the order of a
/// ``LaneTree``, so results depend on the number of lanes and not on the number of threads and ranks.
public final class DataParallelStep<Task: Objective>: Sendable {
    public let objective: Task
    public let parameters: ParameterArena
    public let optimizer: AdamW
    private let workers: [Worker]
    /// Those that make the steps together.
    public let ranks: any Transport
    private let tree: LaneTree
    private let rankSum: RankSum?
    private let seed: UInt64
    private let microBatchTokens: Int
    private let gradientNormLimit: Double

    /// The outcome of one step.
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
    ///   - ranks: each has its share of the lanes, and the same examples.
    ///   - longestSequence: tokens.
    ///   - gradientNormLimit: a gradient whose norm is greater is scaled down to it.
    /// - Precondition: the lanes can be shared out among the ranks (`Transport.share(ofLanes:)`).
    public init(
        _ objective: Task, parameters: ParameterArena, threads: Int, lanes: Int = TrainingSettings.usualLanes,
        ranks: any Transport = OneProcess(),
        longestSequence: Int, microBatchTokens: Int = TrainingMemory.microBatchTokens,
        optimizer configuration: AdamW.Configuration = AdamW.Configuration(),
        gradientNormLimit: Double = TrainingSettings.usualGradientNormLimit, seed: UInt64
    ) {
        precondition(threads > 0)
        self.objective = objective
        self.parameters = parameters
        self.seed = seed
        self.microBatchTokens = max(microBatchTokens, longestSequence)
        self.gradientNormLimit = gradientNormLimit
        optimizer = AdamW(objective.layout, configuration: configuration)
        self.ranks = ranks
        guard let own = try? ranks.share(ofLanes: lanes) else {
            preconditionFailure("\(lanes) lanes cannot be shared out among \(ranks.count) ranks")
        }
        tree = LaneTree(objective.layout, laneCount: lanes, lanes: own, threads: threads)
        rankSum = ranks.count > 1 ? RankSum(ranks, layout: objective.layout, laneCount: lanes) : nil
        let capacity = self.microBatchTokens
        workers = (0..<min(threads, own.count)).map { _ in
            Worker(
                workspace: objective.makeWorkspace(
                    tokenCapacity: capacity, longestSequence: longestSequence, use: .training))
        }
    }

    /// One update of the parameters. Steps count from 0.
    ///
    /// - Throws: where another rank is missing. Nothing is updated then.
    public func update(on examples: [Task.Example], step: Int, learningRate: Float) throws -> Outcome {
        let terms = examples.reduce(0) { $0 + $1.termCount }
        let dropout = DropoutPlan(objective.configuration, seed: seed, step: UInt32(truncatingIfNeeded: step))
        let statistics = try onEachWorker(of: examples) { [self] worker, record in
            while let (lane, share, gradients) = tree.nextSum() {
                record(
                    lane,
                    run(
                        examples[share], in: worker, gradients: (gradients, 1 / Float(max(terms, 1))), dropout: dropout)
                )
                tree.put(gradients, ofLane: lane)
            }
        }
        if examples.isEmpty { return Outcome(statistics: statistics, gradientNorm: 0) }
        let (gradients, sumOfSquares) = try total(of: tree.rootParts())
        let norm = sumOfSquares.squareRoot()
        let scale = norm > gradientNormLimit ? Float(gradientNormLimit / norm) : 1
        if norm.isFinite {
            forEachRange { [self] range, tensor in
                optimizer.update(
                    parameters, with: gradients, in: range, of: tensor, gradientScale: scale,
                    learningRate: learningRate, step: step + 1)
            }
        }
        return Outcome(statistics: statistics, gradientNorm: norm)
    }

    /// Measures without training: no dropout, no gradients.
    public func evaluate(_ examples: [Task.Example]) throws -> Task.Statistics {
        try onEachWorker(of: examples) { [self] worker, record in
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

    /// The sum over all lanes of all ranks, and that of its squares.
    ///
    /// - Parameter parts: the gradients that are to be added up here. None where this rank has no examples.
    private func total(of parts: [ParameterArena]) throws(RankError) -> (
        ParameterArena, squares: Double
    ) {
        let own = parts.first ?? ParameterArena(objective.layout)
        let squares = add(parts.dropFirst(), to: own)
        guard let rankSum else { return (own, squares) }
        try rankSum.add(own, isEmpty: tree.isEmpty)
        return (own, add([], to: own))
    }

    /// Adds gradients to others, on all threads; returns the sum of the squares.
    private func add(_ others: ArraySlice<ParameterArena>, to sum: ParameterArena) -> Double {
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

    /// Deals a batch to lanes and lets all threads work on those of this rank; returns the statistics that all ranks recorded, added
    /// in the order of the lanes.
    private func onEachWorker(
        of examples: [Task.Example],
        _ body: @Sendable (_ worker: Worker, _ record: (_ lane: Int, Task.Statistics) -> Void) -> Void
    ) throws -> Task.Statistics {
        tree.begin(exampleCount: examples.count)
        let ofLanes = Mutex([Task.Statistics?](repeating: nil, count: tree.laneCount))
        DispatchQueue.concurrentPerform(iterations: workers.count) { [workers] thread in
            body(workers[thread]) { lane, statistics in ofLanes.withLock { $0[lane] = statistics } }
        }
        var recorded = ofLanes.withLock { Array($0[tree.lanes]) }
        if ranks.count > 1 { recorded = try ranks.gather(recorded).flatMap(\.self) }
        return recorded.compactMap(\.self).reduce(into: Task.Statistics()) { $0.add($1) }
    }

    /// Every tensor in pieces, spread over the threads.
    private func forEachRange(_ body: @Sendable (_ range: Range<Int>, _ tensor: Tensor) -> Void) {
        let pieces = objective.layout.pieces(of: 1 << 16)
        let count = workers.count
        DispatchQueue.concurrentPerform(iterations: count) { worker in
            for index in stride(from: worker, to: pieces.count, by: count) {
                body(pieces[index].range, pieces[index].tensor)
            }
        }
    }
}

extension ParameterLayout {
    /// All tensors, cut into ranges of at most `size` floats.
    func pieces(of size: Int) -> [(range: Range<Int>, tensor: Tensor)] {
        tensors.flatMap { tensor in
            stride(from: tensor.range.lowerBound, to: tensor.range.upperBound, by: size).map {
                ($0..<min($0 + size, tensor.range.upperBound), tensor)
            }
        }
    }
}
