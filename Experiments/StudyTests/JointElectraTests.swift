import Fixtures
import Format
import GeneratorTraining
import Kernels
import Models
import Random
import Study
import SystemPackage
import Testing
import Train
import Training

@Suite struct JointElectraTests {
    private let joint: JointElectra
    private let examples: [MaskedSequence]
    private let drawn: [ReplayedSequence]

    init() {
        var configuration = EncoderConfiguration(
            vocabularySize: 20, embeddingSize: 8, hiddenSize: 8, layerCount: 1, attentionHeadCount: 2,
            intermediateSize: 12, maximumPositionCount: 16, dropout: 0)
        let generator = configuration
        configuration.layerCount = 2
        joint = JointElectra(
            generator: generator, discriminator: configuration, tokenCapacity: 64,
            longestSequence: 10, seed: 5)
        for (seed, arena) in [joint.parameters.generator, joint.parameters.discriminator].enumerated() {
            arena.initialize(standardDeviation: 0.5, seed: UInt64(seed))
        }
        examples = [
            MaskedSequence(tokens: [2, 7, 4, 9, 4, 3], positions: [2, 4], originals: [8, 11]),
            MaskedSequence(tokens: [2, 4, 6, 5, 3], positions: [1], originals: [12]),
        ]
        drawn = joint.draw(examples, step: 3)
    }

    @Test func drawsReplaceMaskedPositionsAlone() {
        for (example, replayed) in zip(examples, drawn) {
            for (position, token) in replayed.tokens.enumerated() {
                if let index = example.positions.firstIndex(of: Int32(position)) {
                    #expect(replayed.labels[position] == (token == example.originals[index] ? 0 : 1))
                } else {
                    #expect(token == example.tokens[position])
                    #expect(replayed.labels[position] == 0)
                }
            }
        }
        #expect(joint.draw(examples, step: 3).map(\.tokens) == drawn.map(\.tokens))
    }

    /// Of many draws each token's share is its probability.
    @Test func drawsFollowTheSoftmax() {
        let logits: [Float] = [0, 1, 2, -.infinity]
        let weights = [1, 2.718282, 7.389056, 0]
        let count = 4000
        var counts = [Int](repeating: 0, count: 4)
        for index in 0..<count {
            counts[Int(GeneratorSampler.token(of: logits.span, at: (Double(index) + 0.5) / Double(count)))] += 1
        }
        for (token, weight) in weights.enumerated() {
            #expect(abs(Double(counts[token]) / Double(count) - weight / 11.107338) < 1.0 / 1000)
        }
    }

    @Test func lossIsTheSumOfTheProjectsOwn() throws {
        let loss = joint.differentiate(examples, drawn: drawn)
        let masked = try DataParallelStep(
            joint.generator, parameters: joint.parameters.generator, threads: 1, longestSequence: 10, seed: 0
        ).evaluate(examples)
        let detected = try DataParallelStep(
            joint.detection, parameters: joint.parameters.discriminator, threads: 1, longestSequence: 10, seed: 0
        ).evaluate(drawn)
        #expect(abs(joint.total(loss) - (masked.meanLoss + 50 * detected.meanLoss)) < 1e-5 * joint.total(loss))
    }

    /// Against central differences, at the parameters whose gradients are largest: in single precision others drown.
    @Test func gradientsAreThoseOfTheJointLoss() {
        _ = joint.differentiate(examples, drawn: drawn)
        for isGenerator in [true, false] {
            let arena = isGenerator ? joint.parameters.generator : joint.parameters.discriminator
            let own = isGenerator ? joint.gradients.generator : joint.gradients.discriminator
            let gradients = (0..<own.values.count).map { own.values.span[$0] }
            let largest = gradients.indices.sorted { abs(gradients[$0]) > abs(gradients[$1]) }.prefix(40)
            for index in largest {
                let step: Float = 1e-2
                func total(_ change: Float) -> Double {
                    let range = index..<index + 1
                    var span = arena.values.mutableSpan(range)
                    let before = span[0]
                    span[0] = before + change
                    let total = joint.total(joint.differentiate(examples, drawn: drawn))
                    var restored = arena.values.mutableSpan(range)
                    restored[0] = before
                    return total
                }
                let difference = (total(step) - total(-step)) / Double(2 * step)
                #expect(abs(difference - Double(gradients[index])) < 0.02 * abs(difference) + 2e-3)
            }
        }
    }

    /// The joint baseline learns on a small data set, and leaves a folder.
    @Test func bothModelsLearn() throws {
        let (dataset, folder) = (try SmallDataset.make(), try temporaryFolder())
        var shape = EncoderConfiguration(
            vocabularySize: 40, embeddingSize: 16, hiddenSize: 16, layerCount: 1, attentionHeadCount: 2,
            intermediateSize: 32, maximumPositionCount: 16, dropout: 0)
        let generator = MaskedLanguageModel(.electraForMaskedLM, shape)
        let parameters = ParameterArena(generator.layout)
        parameters.initialize(standardDeviation: 0.02, seed: 1)
        let start = folder.appending("generator")
        try parameters.write(.electraForMaskedLM, shape, tokenizer: dataset.folder, to: start)
        shape.layerCount = 2
        let deeper = shape
        func summary(steps: Int) throws -> JointTrainer.Summary {
            try JointTrainer(steps: steps, batchSize: 4, learningRate: 5e-3, seed: 1).train(
                on: dataset, startingFrom: start, shape: deeper, to: folder.appending("joint\(steps)"))
        }
        let (short, long) = (try summary(steps: 2), try summary(steps: 150))
        #expect(long.generatorLoss < short.generatorLoss - 0.3 && long.discriminatorLoss < 0.7)
        let written = try ModelConfiguration(folder: folder.appending("joint150"))
        #expect(written.architecture == .electraForPreTraining && written.encoder.layerCount == 2)
    }
}
