import Fixtures
import Format
import Replay
import Storage
import SystemPackage
import Testing
import Train
import Training

/// Several data sets, and sources by weight.
@Suite struct TrainingDataTests {
    private static let results = ["model.safetensors", "checkpoint-00000017/optimizer.safetensors"]

    private func visits(_ data: TrainingData, _ count: Int, seed: UInt64 = 9) throws -> [SequenceVisit] {
        try ReplaySource(data, seed: seed).sequences(from: 0, count: count, temperature: 1.2).visits
    }

    /// Without weights the order is that of one data set: runs that were begun with it go on.
    @Test func oneDataSetKeepsItsOrder() throws {
        let dataset = try Dataset(try SyntheticDataset().folder)
        let data = try TrainingData([dataset], .natural)
        let found = try visits(data, 120)
        let order = ReplayOrder(
            blockSizes: (0..<dataset.blockCount).map { dataset.place(ofBlock: $0).entries.count }, seed: 9)
        let expected = (0..<120 as Range<UInt64>).map { number in
            let (epoch, place) = number.quotientAndRemainder(dividingBy: 50)
            let window = order.window(epoch: UInt32(epoch), containing: place)
            let (block, row) = window.sequence(at: place)
            let entry = dataset.place(ofBlock: window.blocks[block]).entries.lowerBound + UInt64(row)
            return SequenceVisit(sequence: entry, epoch: UInt16(epoch))
        }
        #expect(found == expected)
    }

    /// Seven of one to three of the other; each in epochs of its own, every sequence once in each.
    @Test func dataSetsComeByWeight() throws {
        let (one, other) = (try SyntheticDataset(sequences: 50), try SyntheticDataset(sequences: 90, seed: 5))
        let data = try TrainingData([Dataset(one.folder), Dataset(other.folder)], .weights([0.7, 0.3]))
        let found = try visits(data, 2000)
        let (first, second) = (found.filter { $0.sequence < 50 }, found.filter { $0.sequence >= 50 })
        #expect(abs(Double(first.count) - 1400) < 5 * 420.0.squareRoot())
        for (part, size) in [(first, 50), (second, 90)] {
            #expect(part.map(\.epoch) == part.map(\.epoch).sorted())
            for epoch in 0..<UInt16(part.count / size) {
                let seen = part.filter { $0.epoch == epoch }.map(\.sequence)
                #expect(seen.count == size && Set(seen).count == size)
            }
        }
        // In their own proportion without weights.
        let natural = try TrainingData([Dataset(one.folder), Dataset(other.folder)], .natural)
        let share = Double(try visits(natural, 2000).count { $0.sequence < 50 }) / 2000
        #expect(abs(share - 50.0 / 140) < 0.06)
    }

    /// Tokens of a source come by as the power of their number, whatever blocks and data sets they are in.
    @Test(arguments: [0.0, 0.7, 1.0]) func sourcesComeByPower(power: Double) throws {
        // The first 400 of 640 sequences are English; then the two take turns, so that blocks have both.
        func source(_ number: Int) -> Int { number < 400 || number % 3 == 0 ? 0 : 1 }
        let mixed = try SyntheticDataset(sequences: 640, sources: ["en", "de"], source: source)
        let german = try SyntheticDataset(sequences: 100, seed: 5, lengths: 4...6, sources: ["de"])
        let datasets = [try Dataset(mixed.folder), try Dataset(german.folder)]
        let data = try TrainingData(datasets, .sources(power: power))
        #expect(data.sourceNames == ["en", "de"])
        var counts = ["en": 0, "de": 0]
        for dataset in datasets {
            for index in 0..<dataset.blockCount {
                let block = try dataset.block(at: dataset.place(ofBlock: index))
                for row in 0..<block.sequenceCount {
                    counts[dataset.header.sources[Int(block.sources[row])], default: 0] +=
                        block.tokenRange(ofSequence: row).count
                }
            }
        }
        let source = ReplaySource(data, seed: 3)
        let input = try source.sequences(from: 0, count: 8000, temperature: 1)
        let (english, germanTokens) = (input.tokensBySource["en"] ?? 0, input.tokensBySource["de"] ?? 0)
        #expect(english + germanTokens == input.examples.reduce(0) { $0 + $1.tokenCount })
        func weight(_ name: String) -> Double {
            var weight = 1.0
            let count = Double(counts[name] ?? 0)
            // 7/10 by roots that need no library: n^0.7 = (n^7)^(1/10).
            if power == 1 { weight = count }
            if power == 0.7 { weight = tenthRoot(count * count * count * count * count * count * count) }
            return weight
        }
        let expected = weight("en") / (weight("en") + weight("de"))
        let found = Double(english) / Double(english + germanTokens)
        #expect(abs(found - expected) < 0.03, "\(found) for \(expected)")
        // Each stream in epochs: no sequence twice as often as another of its stream, but for the epoch in progress.
        let order = input.visits
        for number in Set(order.map(\.sequence)) {
            let epochs = order.filter { $0.sequence == number }.map(\.epoch)
            #expect(epochs == Array(0..<UInt16(epochs.count)))
        }
    }

    private func tenthRoot(_ value: Double) -> Double {
        var root = 1.0
        for _ in 0..<500 {
            let power = (0..<9).reduce(1.0) { power, _ in power * root }
            root += (value / power - root) / 10
        }
        return root
    }

    /// Begun anew for each step, as after a resume.
    @Test func anyStepCanBeAskedForAlone() throws {
        let datasets = try [3, 5].map {
            try Dataset(
                try SyntheticDataset(seed: $0, sources: ["a", "b"], source: { $0 % 2 }).folder)
        }
        for proportions in [.weights([1, 2]), .sources(power: 0.5), .natural] as [TrainingData.Proportions] {
            let data = try TrainingData(datasets, proportions)
            let whole = try ReplaySource(data, seed: 9).sequences(from: 0, count: 140, temperature: 1.2)
            for first in stride(from: 0, to: 140, by: 7) {
                let part = try ReplaySource(data, seed: 9).sequences(from: UInt64(first), count: 7, temperature: 1.2)
                #expect(part.visits == Array(whole.visits[first..<first + 7]))
                #expect(part.examples.map(\.tokens) == whole.examples[first..<first + 7].map(\.tokens))
            }
        }
    }

    /// Stopped and continued anywhere it ends as a run that never stopped; log and summary count tokens by source.
    @Test func continuesBitForBit() throws {
        var whole = try SmallRun(SyntheticDataset(), steps: 17)
        whole.mixture = (
            [
                try SyntheticDataset(sequences: 60, sources: ["en", "de"], source: { $0 < 30 ? 0 : $0 % 2 }),
                try SyntheticDataset(sequences: 20, seed: 6),
            ], .sources(power: 0.7)
        )
        let finished = try whole.train()
        let run = try SmallRun(anew: whole)
        for limit in [1, 5, 8, 12] {
            try run.train(stoppingAfter: limit)
            if limit == 8 { try run.loseNewestCheckpoint() }
        }
        let summary = try #require(try run.train().summary)
        for name in Self.results { #expect(try run.contents(of: name) == whole.contents(of: name), "\(name)") }
        #expect(try run.log() == whole.log())
        #expect(summary.tokensBySource == finished.summary?.tokensBySource)
        let names = Set(summary.tokensBySource.keys)
        #expect(names.count == 3 && names.isSuperset(of: ["en", "de"]))
        #expect(summary.tokensBySource.values.reduce(0, +) == summary.tokens)
        let lines = try run.log()
        for name in names {
            let logged = lines.reduce(0) { $0 + ($1["tokens/\(name)"]?.number ?? 0) }
            #expect(Int(logged) == summary.tokensBySource[name], "every step is in one line")
            #expect(lines.allSatisfy { $0["health"] != nil || $0["epoch/\(name)"]?.number != nil })
        }
    }

    @Test func dataSetsThatDoNotGoTogetherAreRefused() throws {
        let one = try Dataset(try SyntheticDataset().folder)
        let other = try Dataset(try SyntheticDataset(seed: 4, vocabulary: "c").folder)
        let mismatch = #expect(throws: TrainingError.self) { try TrainingData([one, other], .natural) }
        guard case .mismatch(let name, _, _, _)? = mismatch?.kind else {
            Issue.record("\(String(describing: mismatch))")
            return
        }
        #expect(name == "the vocabulary's SHA-256")
        let twice = #expect(throws: TrainingError.self) { try TrainingData([one, one], .weights([1, 2])) }
        #expect(twice?.kind == .sameShards(one.folder.string))
        var run = try SmallRun(SyntheticDataset(), steps: 2)
        run.mixture = (
            [try SyntheticDataset(), try SyntheticDataset(sequences: 5, seed: 8, endsPass: false)], .natural
        )
        #expect(throws: TrainingError.self) { try run.train() }
    }
}
