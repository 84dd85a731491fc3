import Distillation
import Format
import Foundation
import Random
import Replay
import Testing

/// From logits to replayed draws: they are draws of softmax(z/T), and the test would notice if they were not.
@Suite struct ReplayExactnessTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var logits: LogitRow
        var vocabularySize: Int
        var headSize: Int
        var testDescription: String { "\(logits), V = \(vocabularySize), k = \(headSize)" }

        /// Every head size that the vocabulary can have.
        static func all(_ logits: [LogitRow], _ vocabularySize: Int, headSizes: [Int]) -> [Case] {
            logits.flatMap { row in
                headSizes.filter { $0 <= vocabularySize }
                    .map { Case(logits: row, vocabularySize: vocabularySize, headSize: $0) }
            }
        }
    }

    static let temperatures = [1, 1.1, 1.3, 1.5, 1.75, 2]
    static let cases =
        Case.all([.sample(.zipf), .real(2)], 27, headSizes: [0, 8, 16, 27])
        + Case.all([.sample(.zipf), .real(1)], 600, headSizes: [0, 8, 16, 64, 600])
        + Case.all([.sample(.zipf), .real(0), .real(1), .real(2)], 30522, headSizes: [0, 8, 16, 64])
        + Case.all([.sample(.peaked)], 600, headSizes: [0, 16]) + Case.all([.sample(.flat)], 600, headSizes: [0, 16])
        + Case.all([.sample(.peaked)], 30522, headSizes: [16])
    /// Drawing from all 30,522 logits takes minutes: `make test-exhaustive`.
    static let denseCases = Case.all([.sample(.zipf), .real(1)], 30522, headSizes: [30522])
    /// All cases together fail by chance with probability 1e-4 (Bonferroni).
    static let threshold = 1e-4 / Double((cases.count + denseCases.count) * temperatures.count)

    @Test(arguments: cases) func drawsFollowTheTemperedSoftmax(_ one: Case) throws {
        try expectExact(one, races: 8, rows: 25_000, visits: 8)
    }

    @Test(.enabled(if: ProcessInfo.processInfo.environment["FAST_ELECTRA_EXHAUSTIVE"] != nil), arguments: denseCases)
    func drawsFollowTheTemperedSoftmaxOverAllLogits(_ one: Case) throws {
        try expectExact(one, races: 0, rows: 4, visits: 50_000)
    }

    private func expectExact(_ one: Case, races: Int, rows: Int, visits: Int) throws {
        let row = try one.logits.row(one.vocabularySize)
        let samples = try Samples(row, headSize: one.headSize, races: races, rows: rows)
        for temperature in Self.temperatures {
            let counts = try samples.counts(at: temperature, visits: visits)
            #expect(counts.reduce(0, +) >= 200_000)
            #expect(
                pValue(of: counts, following: softmax(row, at: temperature)) > Self.threshold,
                "T = \(temperature)")
        }
    }

    static let powerCases = [27, 600, 30522].flatMap { size in
        [LogitRow.sample(.zipf), .real(1)].map { Case(logits: $0, vocabularySize: size, headSize: 16) }
    }

    @Test(arguments: powerCases) func noticesAWrongTemperature(_ one: Case) throws {
        let row = try one.logits.row(one.vocabularySize)
        let samples = try Samples(row, headSize: one.headSize, races: 8, rows: 25_000)
        for temperature in [1, 1.5, 1.9] {
            let counts = try samples.counts(at: temperature * 1.03)
            #expect(
                pValue(of: counts, following: softmax(row, at: temperature)) < Self.threshold, "T = \(temperature)")
        }
    }

    @Test(arguments: powerCases.filter { $0.vocabularySize > 64 }) func noticesTruncation(_ one: Case) throws {
        let row = try one.logits.row(one.vocabularySize)
        let kept = Set(row.indices.sorted { row[$0] > row[$1] }.prefix(64))
        for temperature in Self.temperatures {
            let truncated = row.indices.map { kept.contains($0) ? row[$0] : -1e30 }
            let counts = draw(200_000, from: softmax(truncated, at: temperature))
            #expect(
                pValue(of: counts, following: softmax(row, at: temperature)) < Self.threshold, "T = \(temperature)")
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

    /// Total variation between what is stored (the head's tokens, the tail as a whole) and softmax(z/T).
    func distance(from logits: [Float], at temperature: Double) throws -> Double {
        let exact = softmax(logits, at: temperature)
        let stored = try ReplaySampler(header, seed: 1).tempered(to: temperature).distribution(of: block, masked: 0)
        var distance = 0.0
        var head = 0.0
        for (id, probability) in zip(stored.headIDs, stored.headProbabilities) {
            distance += abs(probability - exact[Int(id)])
            head += exact[Int(id)]
        }
        return (distance + abs(stored.tailProbability - (1 - head))) / 2
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
