import Fixtures
import Format
import GeneratorTraining
import Models
import Random
import Replay
import Study
import SystemPackage
import Testing

@Suite struct SentenceTests {
    @Test func classificationTokenIsAskedForTokensOfItsSequence() {
        let example = MaskedSequence(tokens: [2, 7, 4, 9, 4, 3], positions: [2, 4], originals: [8, 11])
        var draws = RandomStream(seed: 1, purpose: .shuffle).draws(pass: 0, sequence: 0, position: 0)
        var seen: Set<Int32> = []
        for _ in 0..<50 {
            let asked = SentenceTrainer.asking(example, for: 3, using: &draws)
            #expect(asked.tokens == example.tokens)
            #expect(asked.positions == [0, 0, 0, 2, 4])
            #expect(asked.originals.suffix(2) == [8, 11])
            seen.formUnion(asked.originals.prefix(3))
        }
        // What is masked too, and neither [CLS] nor [SEP].
        #expect(seen == [7, 8, 9, 11])
        #expect(SentenceTrainer.asking(example, for: 0, using: &draws).positions == [2, 4])
    }

    /// Every trainer of the study learns on a small data set, and leaves a folder that the next one starts from.
    @Test func trainersLearnAndLeaveFolders() throws {
        let (dataset, folder) = (try SmallDataset.make(), try temporaryFolder())
        let shape = EncoderConfiguration(
            vocabularySize: 40, embeddingSize: 16, hiddenSize: 16, layerCount: 1, attentionHeadCount: 2,
            intermediateSize: 32, maximumPositionCount: 16, dropout: 0)
        func trainer(_ steps: Int, targets: Int) -> SentenceTrainer {
            SentenceTrainer(steps: steps, batchSize: 4, learningRate: 5e-3, seed: 1, targetCount: targets)
        }
        let start = folder.appending("generator")
        let short = try trainer(2, targets: 2).train(
            on: dataset, shape: shape, startingFrom: nil, to: folder.appending("short"))
        let long = try trainer(150, targets: 2).train(on: dataset, shape: shape, startingFrom: nil, to: start)
        #expect(long.loss < short.loss - 0.5)
        #expect(try ModelConfiguration(folder: start).architecture == .electraForMaskedLM)

        for targets in [0, 2] {
            let summary = try SentenceDetector(trainer(60, targets: targets), schedule: .standard).train(
                on: dataset, startingFrom: start, to: folder.appending("detector\(targets)"))
            #expect(summary.detectionLoss > 0 && summary.detectionLoss < 0.6)
            #expect((summary.sentenceLoss > 0) == (targets > 0))
            #expect(
                try ModelConfiguration(folder: folder.appending("detector\(targets)")).architecture
                    == .electraForPreTraining)
        }
        let joint = try JointTrainer(steps: 60, batchSize: 4, learningRate: 5e-3, seed: 1).train(
            on: dataset, startingFrom: start, to: folder.appending("joint"))
        #expect(joint.generatorLoss < short.loss && joint.discriminatorLoss < 0.7)
    }
}
