import Finetuning
import Fixtures
import FoundationEssentials
import JSON
import Models
import Storage
import SystemPackage
import Testing

@Suite struct FinetunerTests {
    @Test func learnsATask() throws {
        let task = try SmallTask()
        var settings = task.settings
        settings.epochs = 20
        settings.hasBaseline = true
        let result = try #require(try task.run(settings))
        #expect(result.starts.map(\.start) == [.encoder, .scratch] && result.didWork)
        for start in result.starts {
            #expect(start.seeds == [1, 2] && start.divergedSeeds.isEmpty && start.candidates.isEmpty)
            #expect(start.measures.accuracy.mean > 0.9, "\(start.start)")
        }
        let difference = try #require(result.difference)
        for (index, value) in difference.accuracy.values.enumerated() {
            let values = result.starts.map { $0.measures.accuracy.values[index] }
            #expect(value == values[0] - values[1])
        }
    }

    /// The folder is a classifier of the first seed, complete.
    @Test(arguments: [Architecture.electraForPreTraining, .bertForMaskedLM, .distilBertForMaskedLM])
    func writesAClassifier(architecture: Architecture) throws {
        let task = try SmallTask(architecture: architecture)
        _ = try task.run(task.settings)
        let written = try ModelConfiguration(contentsOf: task.out.appending(ModelConfiguration.fileName))
        #expect(written.architecture == .classifier(of: architecture.family))
        #expect(written.labels == ["neg", "pos"] && written.encoder.classifierDropout > 0)
        let finetuner = try task.finetuner(task.settings)
        try ModelWeights(folder: task.out).check(finetuner.classifier.layout)
        for name in ["vocab.txt", "tokenizer_config.json"] { #expect(Folder(task.out).contains(name)) }
        let tokenizer = try JSONValue(
            parsing: RandomAccessFile.contents(of: task.out.appending("tokenizer_config.json")))
        #expect(tokenizer["model_max_length"]?.integer == written.encoder.maximumSequenceLength)
    }

    /// A full disk or a power cut may have left an empty file.
    @Test(arguments: [0, 100]) func aModelThatIsCutOffIsMadeAgain(bytes: Int) throws {
        let task = try SmallTask()
        _ = try task.run(task.settings)
        let path = task.out.appending("model.safetensors")
        let model = try RandomAccessFile.contents(of: path)
        #expect(try #require(try task.run(task.settings)).didWork == false)
        try DurableFile.write(Array(model.prefix(bytes)), to: path)
        #expect(try #require(try task.run(task.settings)).didWork)
        #expect(try RandomAccessFile.contents(of: path) == model)
    }

    /// Its folder would get a second half at the old path.
    @Test func aMovedFolderEndsTheRun() throws {
        let task = try SmallTask()
        let moved = FilePath(task.out.string + "-moved")
        var steps = 0
        #expect(throws: FolderMoved.self) {
            _ = try task.run(
                task.settings,
                report: { _ in
                    steps += 1
                    if steps == 40 { try? Folder(task.out).move(to: moved) }
                })
        }
        #expect(!Folder(task.out).exists, "nothing is written to the old path")
        try Folder(moved).move(to: task.out)
        #expect(try task.run(task.settings)?.didWork == true)
    }

    /// Interrupted at any step and run again, the weights and all measures are those of a run without interruption.
    @Test(arguments: [1, 29, 31, 117, 240, 261]) func continues(stop: Int) throws {
        let straight = try SmallTask()
        var settings = straight.settings
        settings.learningRates = [1e-2, 1e-3]
        settings.seeds = 1
        settings.threads = 1
        let expected = try #require(try straight.run(settings))
        let task = try SmallTask()
        var steps = 0
        #expect(try task.run(settings, report: { _ in steps += 1 }, isInterrupted: { steps >= stop }) == nil)
        #expect(steps == stop)
        let result = try #require(try task.run(settings, report: { _ in steps += 1 }))
        #expect(result.starts[0].learningRate == expected.starts[0].learningRate)
        #expect(result.starts[0].measures.accuracy == expected.starts[0].measures.accuracy)
        #expect(result.starts[0].loss == expected.starts[0].loss)
        let weights = [straight, task].map { $0.out.appending(SafetensorsFile.weightsName) }
        #expect(try RandomAccessFile.contents(of: weights[0]) == RandomAccessFile.contents(of: weights[1]))
        // Finished runs were not made again: 24 steps a run to choose, 30 for the last, and 10 + 1 runs.
        let finished = stop / 24 * 24
        #expect(steps == 10 * 24 + 30 + stop - finished)
    }

    /// A finished command has nothing to do; more seeds, or a baseline, add to the runs that are there.
    @Test func addsToWhatIsThere() throws {
        let task = try SmallTask()
        var settings = task.settings
        let first = try #require(try task.run(settings))
        var steps = 0
        let again = try #require(try task.run(settings, report: { _ in steps += 1 }))
        #expect(!again.didWork && steps == 0)
        #expect(again.starts[0].measures.accuracy == first.starts[0].measures.accuracy)
        settings.seeds = 3
        settings.hasBaseline = true
        let more = try #require(try task.run(settings, report: { _ in steps += 1 }))
        #expect(more.didWork && steps == (1 + 3) * 30)
        #expect(more.starts[0].measures.accuracy.values.prefix(2) == first.starts[0].measures.accuracy.values[...])
    }

    /// The rate is that of the best mean on the examples held back; one at which training breaks off never is.
    @Test func choosesTheRate() throws {
        let task = try SmallTask()
        var settings = task.settings
        settings.learningRates = [1e-6, 1e-2, 1]
        settings.seeds = 1
        settings.epochs = 20
        let start = try #require(try task.run(settings)).starts[0]
        #expect(start.candidates.map(\.learningRate) == settings.learningRates)
        #expect(start.learningRate == 1e-2)
        let values = start.candidates.map { $0.value ?? -1 }
        #expect(values[1] == values.max())
    }

    @Test func aRateThatDivergesIsNotChosen() throws {
        let task = try SmallTask()
        var settings = task.settings
        settings.learningRates = [1e30, 1e-7]
        settings.seeds = 1
        let start = try #require(try task.run(settings)).starts[0]
        #expect(start.candidates[0].value == nil && start.learningRate == 1e-7)
        settings.learningRates = [1e30]
        let other = try SmallTask()
        #expect(try #require(try other.run(settings)).starts[0].divergedSeeds == [1])
        #expect(try #require(try other.run(settings)).starts[0].divergedSeeds == [1], "as the record says")
    }

    /// A head is taken over from a classifier of the same labels, and from no other.
    @Test func takesOverAHead() throws {
        let task = try SmallTask()
        var learning = task.settings
        learning.epochs = 20
        learning.seeds = 1
        _ = try task.run(learning)
        let labels = ["neg": "0", "pos": "1"]
        func firstLoss(_ changes: (String) -> String) throws -> Float {
            let folder = try temporaryFolder()
            let texts = [task.train, task.test].map { $0.lastComponent!.string }
            for (name, path) in zip(texts, [task.train, task.test]) {
                let text = String(decoding: try RandomAccessFile.contents(of: path), as: UTF8.self)
                try DurableFile.write(changes(text), to: folder.appending(name))
            }
            let data = try ClassificationData(
                train: folder.appending(texts[0]), test: folder.appending(texts[1]),
                encoder: task.encoder(of: task.out), hasTokenTypes: true,
                storedLabels: ModelConfiguration.classifier(startingFrom: task.out).labels)
            var settings = task.settings
            settings.dropout = 0
            settings.seeds = 1
            let finetuner = try Finetuner(
                settings, data: data, model: task.out, stored: .classifier(startingFrom: task.out),
                folder: folder.appending("out"))
            _ = try finetuner.run(parameters: RunParameters([:]), report: { _ in }, isInterrupted: { false })
            return try #require(try SmallTask.losses(in: folder.appending("out")).first)
        }
        let last = try #require(try SmallTask.losses(in: task.out).last)
        let same = try firstLoss { $0 }
        let other = try firstLoss { text in
            labels.reduce(text) { text, pair in
                text.split(separator: "\n").map { $0.hasPrefix(pair.key) ? pair.value + $0.dropFirst(3) : String($0) }
                    .joined(separator: "\n")
            }
        }
        #expect(abs(same - last) < 0.3 && other > same + 0.2, "\(last), \(same), \(other)")
    }

    /// The rows of a head are in the order of its labels, and few classifiers of others have them sorted.
    @Test func takesOverAHeadWhoseLabelsAreInAnotherOrder() throws {
        let task = try SmallTask()
        try DurableFile.write("label\ttext\npos\tgood\nneg\tbad\n", to: task.test)
        var configuration = try task.stored
        configuration.labels = ["pos", "neg"]
        try configuration.write(to: task.model.appending(ModelConfiguration.fileName))
        #expect(try task.data.labels == ["pos", "neg"] && task.data.test.map(\.label) == [0, 1])
        let classifier = SequenceClassifier(configuration.encoder, .electra, labelCount: 2)
        let weights = ParameterArena(classifier.layout)
        weights.fillWithNoise(deviation: 0.2, seed: 9)
        try weights.write(to: task.model.appending(SafetensorsFile.weightsName))
        var settings = task.settings
        (settings.learningRates, settings.seeds) = ([1e-20], 1)
        _ = try #require(try task.run(settings))
        let name = SafetensorsFile.weightsName
        #expect(
            try RandomAccessFile.contents(of: task.out.appending(name))
                == RandomAccessFile.contents(of: task.model.appending(name)))
        #expect(try ModelConfiguration.classifier(startingFrom: task.out).labels == ["pos", "neg"])
    }

    /// Whatever the batch, each example is seen as often as there are epochs.
    @Test(arguments: [(4, 10), (7, 6), (16, 3), (39, 2), (40, 1), (10_000, 1)])
    func seesEachExampleOnceAnEpoch(batchSize: Int, steps: Int) throws {
        let task = try SmallTask()
        var settings = task.settings
        (settings.epochs, settings.seeds, settings.batchSize) = (1, 1, batchSize)
        let result = try #require(try task.run(settings))
        let record = task.out.appending("runs").appending("encoder-test-0.01-1.json")
        struct Record: Decodable { let steps, tokens: Int }
        let found = try JSONDecoder().decode(Record.self, from: Data(RandomAccessFile.contents(of: record)))
        let tokens = try task.data.train.reduce(0) { $0 + $1.tokenCount }
        #expect(found.steps == steps && found.tokens == tokens)
        #expect(result.didWork)
    }

    /// The sizes in config.json are compared with the weights before memory is allocated by them.
    @Test func refusesWeightsOfAnotherShape() throws {
        let task = try SmallTask()
        var encoder = try task.stored.encoder
        encoder.intermediateSize = 1 << 20
        encoder.hiddenSize = 1 << 16
        try ModelConfiguration(architecture: .electraForPreTraining, encoder: encoder)
            .write(to: task.model.appending(ModelConfiguration.fileName))
        let error = #expect(throws: ModelError.self) { try task.run(task.settings) }
        guard case .missingTensor("electra.embeddings_project.weight") = error?.kind else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    /// An encoder of one token type reads pairs without any.
    @Test func pairsWithoutTokenTypes() throws {
        let task = try SmallTask()
        try DurableFile.write("a\tgood\tfilm\nb\tbad\tfilm\n", to: task.train)
        try DurableFile.write("a\tgood\tfilm\n", to: task.test)
        #expect(try task.data.train[0].secondSegment == 3)
        var encoder = try task.stored.encoder
        encoder.tokenTypeCount = 1
        try ModelConfiguration(architecture: .electraForPreTraining, encoder: encoder)
            .write(to: task.model.appending(ModelConfiguration.fileName))
        #expect(try task.data.train[0].secondSegment == nil)
        var layout = ParameterLayout()
        _ = TransformerEncoder(encoder, named: .electra, declaredIn: &layout)
        let arena = ParameterArena(layout)
        arena.initialize(standardDeviation: 0.2, seed: 9)
        try arena.write(to: task.model.appending(SafetensorsFile.weightsName))
        #expect(try task.run(task.settings) != nil)
    }

    @Test func refusesAFolderOfSomethingElse() throws {
        let task = try SmallTask()
        #expect(throws: RunParameterError.self) {
            try Finetuner(
                task.settings, data: task.data, model: task.model, stored: task.stored, folder: task.model
            ).run(parameters: RunParameters([:]), report: { _ in }, isInterrupted: { false })
        }
    }

    /// One progress over all runs: the steps grow by one to their number.
    @Test func progress() throws {
        let task = try SmallTask()
        var settings = task.settings
        settings.learningRates = [1e-2, 1e-3]
        settings.hasBaseline = true
        var (steps, runs, all) = ([Int](), [Int](), Set<[Int]>())
        _ = try task.run(
            settings,
            report: { work in
                steps.append(work.step)
                runs.append(work.run)
                all.insert([work.steps, work.runs])
            })
        #expect(all == [[2 * (10 * 24 + 2 * 30), 24]])
        #expect(steps == Array(1...600) && runs.last == 24)
    }

    @Test(arguments: [
        ("", "{"), (#""counts":\[[0-9,]*\]"#, #""counts":[1]"#),
        (#""counts":\[[0-9,]*\],"label_count":2"#, #""counts":[],"label_count":0"#),
        (#""counts":\[[0-9,]*\],"label_count":2"#, #""counts":[],"label_count":4294967296"#),
        (#""counts":\[[0-9]*"#, #""counts":[-1"#), (#""counts":\[[0-9]*"#, #""counts":[9223372036854775807"#),
        (#""seed":1"#, #""seed":2"#),
    ])
    func aDamagedRecordIsNamed(pattern: String, damage: String) throws {
        let task = try SmallTask()
        _ = try task.run(task.settings)
        let record = task.out.appending("runs").appending("encoder-test-0.01-1.json")
        let text = String(decoding: try RandomAccessFile.contents(of: record), as: UTF8.self)
        let damagedText = pattern.isEmpty ? damage : text.replacing(try Regex(pattern), with: damage)
        #expect(damagedText != text)
        try DurableFile.write(damagedText, to: record)
        let damaged = #expect(throws: FinetuningError.self) { try task.run(task.settings) }
        #expect(damaged?.path == record)
        guard case .malformedRecord = damaged?.kind else {
            Issue.record("\(String(describing: damaged))")
            return
        }
    }

    @Test(arguments: [(1, 20), (500, 20), (2000, 20), (5452, 7), (6920, 6), (8551, 5), (400_000, 3)])
    func epochs(examples: Int, expected: Int) {
        var settings = FinetuningSettings(seed: 1, threads: 1)
        #expect(settings.epochs(for: examples) == expected)
        settings.epochs = 4
        #expect(settings.epochs(for: examples) == 4)
    }
}
