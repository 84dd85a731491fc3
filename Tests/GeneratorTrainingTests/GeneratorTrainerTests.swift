import Corpus
import Fixtures
import GeneratorTraining
import Models
import Random
import Storage
import SystemPackage
import Testing
import Training

@Suite struct GeneratorTrainerTests {
    /// A language that a model can learn: each token follows from the one before it.
    private var sequences: TokenSequences {
        var sequences = TokenSequences()
        for start in 0..<40 {
            sequences.append([2] + (0..<14).map { 5 + Int32((start + 3 * $0) % 20) } + [3])
        }
        return sequences
    }

    private let masking = Masking(probability: 0.15, maskToken: 4, specialTokens: [0, 1, 2, 3, 4])

    private func trainer(_ output: FolderLock, steps: Int, start: StartingPoint = .local) -> GeneratorTrainer {
        let encoder = EncoderConfiguration(
            vocabularySize: 25, embeddingSize: 32, hiddenSize: 32, layerCount: 2, attentionHeadCount: 4,
            intermediateSize: 64, maximumPositionCount: 16, dropout: 0)
        var settings = TrainingSettings(
            encoder: encoder, steps: steps, batchSize: 8, learningRate: 3e-3, seed: 4, threads: 2)
        settings.start = start
        settings.checkpointInterval = 10
        return GeneratorTrainer(settings, masking: masking, output: output, writeTokenizer: { _ in })
    }

    private func train(
        in folder: FilePath, steps: Int, start: StartingPoint = .local, stoppingAfter limit: Int = .max
    ) throws -> RunState {
        let lock = try FolderLock(folder)
        defer { lock.release() }
        let trainer = trainer(lock, steps: steps, start: start)
        var step = 0
        return try trainer.train(
            on: sequences, maximumLength: 16, parameters: RunParameters([:]),
            report: { if case .step(let progress) = $0 { step = progress.step } }, isInterrupted: { step >= limit })
    }

    @Test func learns() throws {
        let folder = try temporaryFolder()
        let state = try train(in: folder, steps: 600)
        #expect(state.step == 600)
        // Chance is log 20 = 3.0.
        #expect(try #require(state.lastRecord[.loss]) < 1)
        let (model, _) = try MaskedLanguageModel.load(from: folder)
        #expect(model.configuration.layerCount == 2)
    }

    /// Before anything is made of them: an epoch's number has two bytes.
    @Test func refusesTooManyEpochs() throws {
        let folder = try temporaryFolder()
        let lock = try FolderLock(folder)
        defer { lock.release() }
        let trainer = trainer(lock, steps: 1 << 20)
        let trained = #expect(throws: TrainingError.self) {
            try trainer.train(
                on: sequences, maximumLength: 16, parameters: RunParameters([:]), report: { _ in },
                isInterrupted: { true })
        }
        let foreseen = #expect(throws: TrainingError.self) {
            try trainer.forecast(on: sequences, isInterrupted: { true })
        }
        for error in [trained, foreseen] { #expect(error?.problem.contains("209715 times") == true) }
    }

    /// Stopped and continued anywhere, each epoch visits every sequence once.
    @Test func seesEverySequenceOnceAnEpoch() throws {
        let folder = try temporaryFolder()
        var visits: [SequenceVisit] = []
        for limit in [3, 4, 13, 50] {
            var step = 0
            let lock = try FolderLock(folder)
            defer { lock.release() }
            _ = try trainer(lock, steps: 50).train(
                on: sequences, maximumLength: 16, parameters: RunParameters([:]),
                report: {
                    guard case .step(let progress) = $0 else { return }
                    step = progress.step
                    visits += progress.visits
                }, isInterrupted: { step >= limit })
        }
        // 50 batches of 8 of 40 sequences.
        for epoch in 0..<10 as Range<UInt16> {
            let seen = visits.filter { $0.epoch == epoch }.map(\.sequence)
            #expect(seen.count == 40 && Set(seen) == Set(0..<40), "epoch \(epoch)")
        }
        #expect(visits.count == 400)
    }

    /// `generate` masks other positions than the training of its generator, though the seed is the same.
    @Test func trainingAndGeneratingMaskDifferently() {
        let sequences = sequences
        let batches = MaskedBatches(sequences, masking: masking, batchSize: sequences.count, seed: 4)
        let generating = RandomStream(seed: 4, purpose: .masking)
        for epoch in 0..<4 {
            let input = batches.input(ofStep: epoch)
            let agreeing = zip(input.examples, input.visits).filter { example, visit in
                example.positions
                    == masking.positions(
                        in: Array(sequences[Int(visit.sequence)]), stream: generating, pass: UInt32(visit.epoch),
                        sequence: visit.sequence)
            }
            // 2 of 14 tokens are masked: one pair in 91 agrees by chance.
            #expect(agreeing.count < sequences.count / 4, "epoch \(epoch)")
        }
    }

    @Test func continuesBitForBit() throws {
        let (whole, parts) = (try temporaryFolder(), try temporaryFolder())
        _ = try train(in: whole, steps: 25)
        for limit in [4, 10, 13] { #expect(try train(in: parts, steps: 25, stoppingAfter: limit).step == limit) }
        _ = try train(in: parts, steps: 25)
        #expect(
            try RandomAccessFile.contents(of: whole.appending("model.safetensors"))
                == RandomAccessFile.contents(of: parts.appending("model.safetensors")))
    }
}
