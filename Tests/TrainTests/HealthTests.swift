import Fixtures
import Format
import Models
import Storage
import SystemPackage
import Testing
import Train
import Training

/// Sick runs and the findings about them; a healthy one, without a finding.
@Suite struct HealthTests {
    private func run(
        _ generator: SyntheticDataset.Generator, steps: Int, sequences: Int = 400, learningRate: Float = 3e-3
    ) throws -> SmallRun {
        var run = try SmallRun(SyntheticDataset(sequences: sequences, generator: generator), steps: steps, batchSize: 8)
        run.settings.learningRate = learningRate
        run.settings.checkpointInterval = 1000
        return run
    }

    /// The causes that were reported. The log and the summary have the same.
    private func causes(_ run: SmallRun) throws -> [HealthCause] {
        let outcome = try run.train()
        #expect(outcome.summary?.health == outcome.findings)
        let logged = try run.log().compactMap { $0["health"]?.text }
        #expect(logged == outcome.findings.map(\.cause.rawValue))
        #expect(outcome.findings.allSatisfy { $0.message.count > 40 })
        return outcome.findings.map(\.cause)
    }

    @Test func saysNothingAboutAHealthyRun() throws {
        let run = try run(.fair, steps: 400)
        #expect(try causes(run) == [])
        // It is healthy: it finds the replacements that can be found.
        let recall = try #require(run.log().last?["recall"]?.number)
        #expect(recall > 0.2 && recall < 0.9)
    }

    /// The run itself is healthy: only its figures are worth less than they seem.
    @Test func heldOutDataThatIsTrainedOnIsSaid() throws {
        var run = try run(.fair, steps: 400)
        run.heldOut = run.data
        #expect(try causes(run) == [.heldOutTrainedOn])
        run = try SmallRun(anew: run)
        run.heldOut = try SyntheticDataset(sequences: 20, seed: 5, generator: .fair)
        #expect(try causes(run) == [])
    }

    @Test func collapse() throws {
        var run = try run(.fair, steps: 300, learningRate: 1e-9)
        // A model that calls everything original, and a learning rate that leaves it there.
        let model = Discriminator(SmallRun.encoder)
        let arena = ParameterArena(model.layout)
        arena.initialize(model.encoder, from: .random, seed: 1)
        let bias = try #require(model.layout.tensors.last { $0.range.count == 1 })
        let span = arena.mutableSpan(of: bias)
        fill(span, with: -20)
        let start = try temporaryFolder()
        try ModelConfiguration(architecture: .electraForPreTraining, encoder: SmallRun.encoder)
            .write(to: start.appending(ModelConfiguration.fileName))
        try arena.write(to: start.appending("model.safetensors"))
        run.replay.initialModel = start
        #expect(try causes(run) == [.collapse], "once, though it lasts")
    }

    private func fill(_ span: consuming MutableSpan<Float>, with value: Float) {
        for index in span.indices { span[index] = value }
    }

    @Test func generatorTooStrong() throws {
        #expect(try causes(run(.perfect, steps: 120)).contains(.generatorTooStrong))
    }

    @Test func generatorTooWeak() throws {
        #expect(try causes(run(.hopeless, steps: 120)).contains(.generatorTooWeak))
    }

    /// One step of 100 tokens, 10 of them replaced, with logits of replaced and of original tokens in turn.
    private func step(replaced: [Float], original: [Float], draws: Int = 15) -> DetectionStatistics {
        var statistics = DetectionStatistics(maskedCount: draws)
        for token in 0..<10 { statistics.add(logit: replaced[token % replaced.count], label: 1) }
        for token in 0..<90 { statistics.add(logit: original[token % original.count], label: 0) }
        return statistics
    }

    /// The causes that are found in a window of steps that are all alike.
    private func judge(
        _ step: DetectionStatistics, at temperature: Double = 1, upTo last: Int, of total: Int,
        by monitor: inout DetectionHealth
    ) -> [HealthCause] {
        let input: MetricsRecord = [.temperature: temperature]
        for number in last - DetectionHealth.window + 1..<last {
            #expect(monitor.findings(after: step, on: input, step: number, of: total) == nil)
        }
        return monitor.findings(after: step, on: input, step: last, of: total)?.keys.sorted() ?? []
    }

    /// A discriminator that finds everything has nothing left to learn, whatever the generator's rate.
    @Test func generatorTooWeakForTheDiscriminator() {
        var monitor = DetectionHealth()
        #expect(judge(step(replaced: [3], original: [-3]), upTo: 100, of: 1000, by: &monitor) == [.generatorTooWeak])
    }

    /// Temperatures above 1 are to make replacements easy to find: few draws are the original, and that is as it should be.
    @Test func highTemperaturesAreNoWeakness() {
        var monitor = DetectionHealth()
        var easy = step(replaced: [1, -1], original: [-2], draws: 10)
        for _ in 0..<8 { easy.add(step(replaced: [1, -1], original: [-2], draws: 10)) }
        easy.add(step(replaced: [1, -1], original: [-2], draws: 11))
        // 1 draw of 101 is the original.
        #expect(judge(easy, at: 2, upTo: 100, of: 1000, by: &monitor) == [])
        #expect(judge(easy, at: 1.1, upTo: 200, of: 1000, by: &monitor) == [.generatorTooWeak])
        let hopeless = step(replaced: [1, -1], original: [-2], draws: 10)
        #expect(judge(hopeless, at: 2, upTo: 300, of: 1000, by: &monitor) == [.generatorTooWeak])
    }

    /// A model finds some replacements by chance before it is trained. To lose these is not a collapse.
    @Test func aRandomStartIsNoCollapse() {
        var monitor = DetectionHealth()
        let chance = step(replaced: [1, -1], original: [1, -1])
        let silence = step(replaced: [-2], original: [-2])
        #expect(judge(chance, upTo: 100, of: 10_000, by: &monitor) == [])
        #expect(judge(silence, upTo: 200, of: 10_000, by: &monitor) == [])
        #expect(judge(silence, upTo: 2500, of: 10_000, by: &monitor) == [])
        #expect(judge(silence, upTo: 2600, of: 10_000, by: &monitor) == [.collapse])
    }

    /// It ranks replaced tokens above original ones, though it is sure of none yet: that is how learning begins.
    @Test func aSlowStartIsNoCollapse() {
        var monitor = DetectionHealth()
        let ranking = step(replaced: [-1, -2], original: [-2, -3])
        #expect(judge(ranking, upTo: 5000, of: 10_000, by: &monitor) == [])
        #expect(judge(ranking, upTo: 5100, of: 10_000, by: &monitor) == [.collapse], "too slow for this run")
    }

    @Test func toForgetWhatWasLearnedIsACollapse() {
        var monitor = DetectionHealth()
        #expect(judge(step(replaced: [1, -1], original: [-2]), upTo: 100, of: 10_000, by: &monitor) == [])
        #expect(judge(step(replaced: [-2], original: [-2]), upTo: 200, of: 10_000, by: &monitor) == [.collapse])
    }

    @Test func fewSequences() throws {
        #expect(try causes(run(.fair, steps: 75, sequences: 50)) == [.fewSequences])
        #expect(try causes(run(.fair, steps: 62, sequences: 50)) == [], "ten epochs are not too many")
    }

    @Test func shortSequences() throws {
        let data = try SyntheticDataset(sequences: 100, generator: .fair, lengths: 4...5)
        #expect(try causes(SmallRun(data, steps: 5)) == [.shortSequences])
    }

    /// At a limit nothing is said; above it, the cause with its share.
    @Test func unknownTokensAndInvalidText() throws {
        var data = DataHealth(
            sequences: 100, tokens: 1500, maximumLength: 16, visits: 100, usefulEpochs: 40, repetition: "")
        (data.unknownShare, data.invalidShare) = (DataHealth.unknownLimit, DataHealth.invalidLimit)
        #expect(data.findings == [:])
        data.unknownShare = 0.03
        #expect(data.findings.keys.sorted() == [.unknownTokens])
        #expect(try #require(data.findings[.unknownTokens]).hasPrefix("3.0 % of the tokens are unknown ones"))
        (data.unknownShare, data.invalidShare) = (0, 0.004)
        #expect(data.findings.keys.sorted() == [.invalidText])
        #expect(try #require(data.findings[.invalidText]).hasPrefix("0.4 % of the bytes are not UTF-8"))
    }

    /// Ends the run; the last good checkpoint stays; step and sequences are named.
    @Test func lossNotFinite() throws {
        var run = try run(.fair, steps: 10, learningRate: 1e16)
        run.settings.checkpointInterval = 1
        run.settings.warmup = .share(0.5)
        let error = #expect(throws: TrainingError.self) { try run.train() }
        guard case .notFinite(_, let step, let sequences) = error?.kind else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(step == 2)
        #expect(error?.problem.contains("step 2, of sequences \(sequences[0])") == true)
        let source = try ReplaySource(Dataset(run.data.folder), seed: run.settings.seed)
        #expect(sequences == (try source.sequences(from: 8, count: 8, temperature: 1.5).visits.map(\.sequence)))
        #expect(try run.checkpoints == [CheckpointStore.name(ofStep: 1)])
        let last = try #require(run.log().last)
        #expect(last["health"]?.text == "not_finite" && last["step"]?.number == 2)
        // The checkpoint is whole: the run goes on from it, to the same end.
        #expect(throws: TrainingError.self) { try run.train() }
    }

    /// A checkpoint of broken parameters would take a good one's place.
    @Test func brokenParametersAreNotSaved() throws {
        var run = try run(.fair, steps: 10, learningRate: 1e30)
        run.settings.checkpointInterval = 1
        #expect(throws: TrainingError.self) { try run.train() }
        #expect(try run.checkpoints == [])
    }

    /// `docs/runs.md` tells people the meaning of each message.
    @Test(arguments: HealthCause.allCases) func isDocumented(cause: HealthCause) throws {
        let package = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
        let page = String(
            decoding: try RandomAccessFile.contents(of: FilePath(package.string + "/docs/runs.md")), as: UTF8.self)
        #expect(page.contains("\n| `\(cause.rawValue)` |"))
    }

    @Test func saysItOnceUntilItEnds() {
        var record = HealthRecord()
        let all: Set<HealthCause> = [.collapse, .generatorTooWeak]
        func update(_ present: [HealthCause], _ judged: Set<HealthCause>, _ step: Int) -> [HealthCause] {
            record.update(
                Dictionary(uniqueKeysWithValues: present.map { ($0, "") }), among: judged, step: step
            ).map(\.cause)
        }
        #expect(update([.collapse], all, 100) == [.collapse])
        #expect(update([.collapse, .generatorTooWeak], all, 200) == [.generatorTooWeak])
        #expect(update([], [.generatorTooWeak], 300) == [])
        #expect(update([.collapse], all, 400) == [], "not judged, so not over")
        #expect(update([], all, 500) == [])
        #expect(update([.collapse], all, 600) == [], "back too soon")
        #expect(update([.collapse], all, 1100) == [.collapse])
        #expect(record.findings.map(\.step) == [100, 200, 1100])
    }
}
