import CLibrary
import Kernels
import Models
import Random
import RankFixtures
import Ranks
import Testing
import Training

/// Half the squared distance of every parameter from a target, weighted by an example: a loss whose gradient is plain.
private struct Distance: Objective {
    struct Example: TrainingExample {
        let weight: Float
        let number: Int
        var tokenCount: Int { 3 }
        var termCount: Int { 1 }
    }

    struct Statistics: StepStatistics {
        var numbers: [Int] = []
        mutating func add(_ other: Self) { numbers += other.numbers }
        var tokenCount: Int { numbers.count * 3 }
        var meanLoss: Double { 0 }
        var record: MetricsRecord { [:] }
    }

    var layout = ParameterLayout()
    let configuration = EncoderConfiguration(
        vocabularySize: 1, embeddingSize: 1, hiddenSize: 1, layerCount: 1, attentionHeadCount: 1, intermediateSize: 1)
    let weight: Tensor
    let bias: Tensor
    let words: Tensor
    static let target: Float = 0.25

    /// More floats than a thread takes at a time, and not a multiple of it.
    init() {
        weight = layout.declareWeight(["weight"], output: 7, input: 10_007)
        bias = layout.declareBias(["bias"], width: 5)
        words = layout.declare(
            ["words"], shape: [11, 3], decays: true, isWordEmbeddings: true, initialization: .normal())
    }

    func makeWorkspace(tokenCapacity: Int, longestSequence: Int, use: EncoderWorkspace.Use) {}

    func run(
        _ examples: ArraySlice<Example>, firstNumber: Int, parameters: ParameterArena, workspace: inout Void,
        gradients: (arena: ParameterArena, scale: Float)?, dropout: DropoutPlan?
    ) -> Statistics {
        if let gradients {
            for example in examples {
                for tensor in layout.tensors {
                    let values = parameters[tensor]
                    var span = gradients.arena.mutableSpan(of: tensor)
                    for index in values.indices {
                        span[index] += gradients.scale * example.weight * (values[index] - Self.target)
                    }
                }
            }
        }
        let expected = examples.map(\.number)
        return Statistics(numbers: firstNumber == expected.first ? expected : [-1])
    }
}

@Suite struct DataParallelStepTests {
    /// Clipping, AdamW's groups and bias correction beside the formula in double precision. Rates are so large that decay
    /// on the wrong tensor, or none, would be seen.
    @Test(arguments: [1, 2, 3, 5], [Float(1), 1e-3]) func updatesAgreeWithTheFormula(threads: Int, gradientSize: Float)
        throws
    {
        try compareWithTheFormula(threads: threads, gradientSize: gradientSize, AdamW.Configuration(), limit: 1)
    }

    /// Every setting of the optimizer has its effect: none of these values is the usual one.
    @Test(arguments: [0.3, .infinity]) func settingsAreThoseOfTheFormula(limit: Double) throws {
        var settings = AdamW.Configuration()
        (settings.firstDecay, settings.secondDecay, settings.epsilon, settings.weightDecay) = (0.5, 0.75, 0.125, 0.25)
        settings.wordEmbeddingRate = 0.375
        try compareWithTheFormula(threads: 2, gradientSize: 1, settings, limit: limit)
    }

    private func compareWithTheFormula(
        threads: Int, gradientSize: Float, _ settings: AdamW.Configuration, limit: Double
    ) throws {
        let (beta1, beta2) = (Double(settings.firstDecay), Double(settings.secondDecay))
        let (epsilon, decayRate) = (Double(settings.epsilon), Double(settings.weightDecay))
        let objective = Distance()
        let arena = ParameterArena(objective.layout)
        var draws = RandomStream(seed: 1, purpose: .initialization).draws(pass: 0, sequence: 0, position: 0)
        for tensor in objective.layout.tensors {
            var span = arena.mutableSpan(of: tensor)
            for index in span.indices { span[index] = Float.random(in: -1...1, using: &draws) }
        }
        var parts = objective.layout.tensors.map { tensor in
            let span = arena[tensor]
            return span.indices.map { Double(span[$0]) }
        }
        var moments = parts.map { $0.map { _ in (first: 0.0, second: 0.0) } }
        let steps = DataParallelStep(
            objective, parameters: arena, threads: threads, longestSequence: 3, microBatchTokens: 7,
            optimizer: settings, gradientNormLimit: limit, seed: 1)
        let examples = (0..<7).map { Distance.Example(weight: gradientSize * Float($0), number: $0) }
        let weight = 3 * Double(gradientSize)
        for step in 0..<5 {
            let outcome = try steps.update(on: examples, step: step, learningRate: 0.5)
            #expect(outcome.statistics.numbers == Array(0..<7), "every example once, under its number in the batch")
            let gradients = parts.map { $0.map { weight * ($0 - Double(Distance.target)) } }
            let norm = gradients.joined().reduce(0) { $0 + $1 * $1 }.squareRoot()
            #expect(abs(outcome.gradientNorm - norm) <= 1e-5 * norm)
            #expect((norm > 1) == (gradientSize == 1), "one of the two sizes is clipped")
            for part in parts.indices {
                for index in parts[part].indices {
                    let gradient = gradients[part][index] * min(1, limit / norm)
                    let before = moments[part][index]
                    moments[part][index].first = beta1 * before.first + (1 - beta1) * gradient
                    moments[part][index].second = beta2 * before.second + (1 - beta2) * gradient * gradient
                    let first = moments[part][index].first / (1 - pow(beta1, Double(step + 1)))
                    let second = moments[part][index].second / (1 - pow(beta2, Double(step + 1)))
                    let tensor = objective.layout.tensors[part]
                    let rate = tensor.isWordEmbeddings ? 0.5 * Double(settings.wordEmbeddingRate) : 0.5
                    let decay = tensor.decays ? rate * decayRate : 0
                    parts[part][index] -= decay * parts[part][index] + rate * first / (second.squareRoot() + epsilon)
                }
            }
            // Float32 and double may go apart where a gradient is near zero: each step starts from the same place.
            for (part, tensor) in objective.layout.tensors.enumerated() {
                let span = arena[tensor]
                let error = span.indices.reduce(0) { max($0, abs(Double(span[$1]) - parts[part][$1])) }
                #expect(error < 2e-4, "step \(step), \(tensor.parts[0].name)")
                parts[part] = span.indices.map { Double(span[$0]) }
            }
        }
    }

    /// Gradients whose sums round: every number of threads gives the bits of one thread, for every number of lanes and for
    /// batches smaller than the lanes. Another number of lanes gives other bits, so the comparison can tell.
    @Test(arguments: [1, 2, 4, 8, 16], [1, 3, 7, 8, 29]) func threadsDoNotMatter(lanes: Int, batchSize: Int) throws {
        let examples = (0..<batchSize).map { Distance.Example(weight: 1 / Float(3 + $0 * $0), number: $0) }
        func trained(threads: Int, lanes: Int) throws -> (values: [UInt32], norms: [Double]) {
            let objective = Distance()
            let arena = ParameterArena(objective.layout)
            let steps = DataParallelStep(
                objective, parameters: arena, threads: threads, lanes: lanes, longestSequence: 3, microBatchTokens: 6,
                seed: 1)
            var norms: [Double] = []
            for step in 0..<3 {
                let outcome = try steps.update(on: examples, step: step, learningRate: 0.1)
                #expect(outcome.statistics.numbers == Array(0..<batchSize), "in order, whoever computed them")
                norms.append(outcome.gradientNorm)
            }
            return ((0..<arena.values.count).map { arena.values.span[$0].bitPattern }, norms)
        }
        let one = try trained(threads: 1, lanes: lanes)
        for threads in [2, 3, 5, 8, 17] { #expect(try trained(threads: threads, lanes: lanes) == one) }
        if lanes > 1, batchSize == 29 { #expect(try trained(threads: 1, lanes: 1).norms != one.norms) }
    }

    @Test func evaluationSeesEveryExampleAndMovesNothing() throws {
        let objective = Distance()
        let arena = ParameterArena(objective.layout)
        let steps = DataParallelStep(objective, parameters: arena, threads: 3, longestSequence: 3, seed: 1)
        let examples = (0..<8).map { Distance.Example(weight: 1, number: $0) }
        #expect(try steps.evaluate(examples).numbers == Array(0..<8))
        #expect(try steps.evaluate([]).numbers == [])
        #expect((0..<arena.values.count).allSatisfy { arena.values.span[$0] == 0 })
    }

    /// A gradient that is not finite changes nothing, and the outcome says so.
    @Test func aBrokenGradientIsNotApplied() throws {
        let objective = Distance()
        let arena = ParameterArena(objective.layout)
        let steps = DataParallelStep(objective, parameters: arena, threads: 2, longestSequence: 3, seed: 1)
        let outcome = try steps.update(on: [Distance.Example(weight: .nan, number: 0)], step: 0, learningRate: 1)
        #expect(!outcome.gradientNorm.isFinite)
        #expect((0..<arena.values.count).allSatisfy { arena.values.span[$0] == 0 })
    }

    /// Ranks that are threads of this process: each number of them gives the bits of one, also where lanes are empty.
    @Test(arguments: [1, 2, 4, 8], [1, 3, 5, 7, 8, 29]) func ranksDoNotMatter(
        count: Int, batchSize: Int
    ) throws {
        let examples = (0..<batchSize).map {
            Distance.Example(weight: 1 / Float(3 + $0 * $0), number: $0)
        }
        @Sendable func trained(_ ranks: any Transport) throws -> [UInt32] {
            let objective = Distance()
            let arena = ParameterArena(objective.layout)
            let steps = DataParallelStep(
                objective, parameters: arena, threads: 2, ranks: ranks, longestSequence: 3,
                microBatchTokens: 6,
                seed: 1)
            for step in 0..<3 {
                let outcome = try steps.update(on: examples, step: step, learningRate: 0.1)
                #expect(
                    outcome.statistics.numbers == Array(0..<batchSize), "in order, whoever computed them")
            }
            #expect(try steps.evaluate(examples).numbers == Array(0..<batchSize))
            return (0..<arena.values.count).map { arena.values.span[$0].bitPattern }
        }
        let one = try trained(OneProcess())
        for bits in try ThreadRanks.run(count, trained) { #expect(bits == one) }
    }

    @Test func lanesThatCannotBeSharedOutAreRefused() throws {
        let answers = try ThreadRanks.run(3) { ranks in
            #expect(throws: RankError.self) { try ranks.share(ofLanes: 8) }?.kind
        }
        #expect(answers == Array(repeating: .indivisible(lanes: 8, ranks: 3), count: 3))
        #expect(try ThreadRanks.run(4) { try $0.share(ofLanes: 8) } == [0..<2, 2..<4, 4..<6, 6..<8])
    }
}
