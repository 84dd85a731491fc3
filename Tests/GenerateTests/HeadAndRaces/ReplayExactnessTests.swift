import Format
import Generate
import Kernels
import Testing
import Train

/// From logits to replayed draws: they are draws of softmax(z/T), and the test would notice if they were not.
@Suite struct ReplayExactnessTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var logits: SampleLogits
        var vocabularySize: Int
        var headSize: Int
        var testDescription: String { "\(logits), V = \(vocabularySize), k = \(headSize)" }
    }

    static let temperatures = [1, 1.1, 1.3, 1.5, 1.75, 2]
    static let cases =
        [27, 600].flatMap { size in
            [0, 8, 16, 64, size].filter { $0 <= size }
                .map { Case(logits: .zipf, vocabularySize: size, headSize: $0) }
        } + [
            Case(logits: .peaked, vocabularySize: 27, headSize: 8),
            Case(logits: .peaked, vocabularySize: 600, headSize: 16),
            Case(logits: .flat, vocabularySize: 600, headSize: 0),
            Case(logits: .flat, vocabularySize: 600, headSize: 16),
        ]
    static let largeCases = [
        Case(logits: .zipf, vocabularySize: 30522, headSize: 0),
        Case(logits: .zipf, vocabularySize: 30522, headSize: 16),
        Case(logits: .peaked, vocabularySize: 30522, headSize: 16),
    ]
    /// All cases together fail by chance with probability 1e-4 (Bonferroni).
    static let threshold = 1e-4 / Double((cases.count + largeCases.count) * temperatures.count)

    @Test(arguments: cases) func drawsFollowTheTemperedSoftmax(_ one: Case) throws {
        try expectExact(one, races: 8, rows: 25_000)
    }

    @Test(arguments: largeCases) func drawsFollowTheTemperedSoftmaxOverLargeVocabularies(_ one: Case) throws {
        try expectExact(one, races: 8, rows: 25_000)
    }

    private func expectExact(_ one: Case, races: Int, rows: Int) throws {
        let row = one.logits.row(one.vocabularySize, seed: 3)
        let samples = try Samples(row, headSize: one.headSize, races: races, rows: rows)
        for temperature in Self.temperatures {
            let counts = try samples.counts(at: temperature)
            #expect(counts.reduce(0, +) >= 200_000)
            #expect(
                pValue(of: counts, following: softmax(row, at: temperature)) > Self.threshold,
                "T = \(temperature)")
        }
    }

    @Test(arguments: [27, 600, 30522]) func noticesAWrongTemperature(_ size: Int) throws {
        let row = SampleLogits.zipf.row(size, seed: 3)
        let samples = try Samples(row, headSize: 16, races: 8, rows: 25_000)
        for temperature in [1, 1.5, 1.9] {
            let counts = try samples.counts(at: temperature * 1.03)
            #expect(pValue(of: counts, following: softmax(row, at: temperature)) < Self.threshold)
        }
    }

    @Test(arguments: [600, 30522]) func noticesTruncation(_ size: Int) throws {
        let row = SampleLogits.zipf.row(size, seed: 3)
        let kept = Set(row.indices.sorted { row[$0] > row[$1] }.prefix(64))
        for temperature in Self.temperatures {
            let truncated = row.indices.map { kept.contains($0) ? row[$0] : -1e30 }
            let counts = draw(200_000, from: softmax(truncated, at: temperature))
            #expect(pValue(of: counts, following: softmax(row, at: temperature)) < Self.threshold)
        }
    }

    private func draw(_ count: Int, from probabilities: [Double]) -> [Int] {
        var random = RandomStream(seed: 5, purpose: .initialization).draws(pass: 1, sequence: 0, position: 0)
        var sum = 0.0
        let cumulative = probabilities.map { probability in
            sum += probability
            return sum
        }
        var counts = [Int](repeating: 0, count: probabilities.count)
        for _ in 0..<count {
            let target = Double(unitInterval: random.next()) * sum
            var low = 0
            var high = cumulative.count - 1
            while low < high {
                let middle = (low + high) / 2
                if target < cumulative[middle] { high = middle } else { low = middle + 1 }
            }
            counts[low] += 1
        }
        return counts
    }
}

/// One row of logits distilled many times, and its replays.
struct Samples {
    let header: ShardHeader
    private(set) var block: SequenceBlock

    init(_ logits: [Float], headSize: Int, races: Int, rows: Int) throws {
        header = sampleHeader(logits.count, headSize: headSize, raceCount: races)
        block = SequenceBlock(shape: header.blockShape)
        let distillation = HeadAndRaces(header)
        var logits = logits
        let original: [Int32] = [0, 4, 2]
        for sequence in 0..<rows {
            block.appendSequence(original.span)
            var row = logits.mutableSpan
            try distillation.append(&row, atPosition: 1, ofSequence: UInt64(sequence), to: &block)
        }
    }

    /// How often each token is drawn at `temperature`, with one visit a race.
    func counts(at temperature: Double, visits: Int? = nil) throws -> [Int] {
        let replay = try ReplaySampler(header, seed: 99).tempered(to: temperature)
        var counts = [Int](repeating: 0, count: header.vocabularySize)
        var tokens: [Int32] = [0, 0, 0]
        var labels: [UInt8] = [0, 0, 0]
        for visit in 0..<(visits ?? max(8, header.raceCount)) {
            for row in 0..<block.sequenceCount {
                var tokenSpan = tokens.mutableSpan
                var labelSpan = labels.mutableSpan
                _ = replay.replay(
                    block, row: row, entry: UInt64(row), visit: UInt16(visit), tokens: &tokenSpan, labels: &labelSpan)
                counts[Int(tokens[1])] += 1
            }
        }
        return counts
    }
}
