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
        /// The most candidates of a position.
        var headSize: Int
        var range = TemperatureRange(from: 1, to: 2)
        var testDescription: String { "\(logits), V = \(vocabularySize), k = \(headSize), T = \(range)" }

        /// As many as are worth it for 1 and 16, exactly so many else.
        var candidates: ClosedRange<Int> { headSize == 16 ? 1...16 : headSize...headSize }

        /// Both ends of the range, and four between.
        var temperatures: [Double] {
            if range.minimum == range.maximum { return [range.minimum] }
            return [0, 0.1, 0.3, 0.5, 0.75, 1].map {
                $0 == 1 ? range.maximum : range.minimum + $0 * (range.maximum - range.minimum)
            }
        }

        /// Every head size that the vocabulary can have.
        static func all(_ logits: [LogitRow], _ vocabularySize: Int, headSizes: [Int]) -> [Case] {
            logits.flatMap { row in
                headSizes.filter { $0 <= vocabularySize }
                    .map { Case(logits: row, vocabularySize: vocabularySize, headSize: $0) }
            }
        }
    }

    static let cases =
        Case.all([.sample(.zipf), .real(2)], 27, headSizes: [1, 8, 16, 27])
        + Case.all([.sample(.zipf), .real(1)], 600, headSizes: [1, 8, 16, 64, 600])
        + Case.all([.sample(.zipf), .real(0), .real(1), .real(2)], 30522, headSizes: [1, 8, 16, 64])
        + Case.all([.sample(.peaked)], 600, headSizes: [1, 16]) + Case.all([.sample(.flat)], 600, headSizes: [1, 16])
        + Case.all([.sample(.peaked)], 30522, headSizes: [16])
    /// The same from other ranges: wide ones, below 1, a single temperature.
    static let rangeCases = [(0.25, 4.0), (0.5, 2), (0.9, 0.9), (1, 8)].flatMap { low, high in
        [(LogitRow.sample(.zipf), 27), (.real(1), 600), (.real(2), 30522)].map {
            Case(logits: $0, vocabularySize: $1, headSize: 16, range: TemperatureRange(from: low, to: high))
        }
    }
    /// Drawing from all 30,522 logits takes minutes: `make test-exhaustive`.
    static let denseCases = Case.all([.sample(.zipf), .real(1)], 30522, headSizes: [30522])
    /// All cases together fail by chance with probability 1e-4 (Bonferroni).
    static let threshold = 1e-4 / Double((cases.count + denseCases.count + rangeCases.count) * 6)

    @Test(arguments: cases + rangeCases) func drawsFollowTheTemperedSoftmax(_ one: Case) throws {
        try expectExact(one, visitCount: 8, rows: 25_000, visits: 8)
    }

    @Test(.enabled(if: ProcessInfo.processInfo.environment["FAST_ELECTRA_EXHAUSTIVE"] != nil), arguments: denseCases)
    func drawsFollowTheTemperedSoftmaxOverAllLogits(_ one: Case) throws {
        try expectExact(one, visitCount: 1, rows: 4, visits: 50_000)
    }

    private func expectExact(_ one: Case, visitCount: Int, rows: Int, visits: Int) throws {
        let row = try one.logits.row(one.vocabularySize)
        let samples = try Samples(row, candidates: one.candidates, visits: visitCount, rows: rows, range: one.range)
        for temperature in one.temperatures {
            let counts = try samples.counts(at: temperature, visits: 0..<visits)
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
        let samples = try Samples(row, candidates: one.candidates, visits: 8, rows: 25_000)
        for temperature in [1, 1.5, 1.9] {
            let counts = try samples.counts(at: temperature * 1.03)
            #expect(
                pValue(of: counts, following: softmax(row, at: temperature)) < Self.threshold, "T = \(temperature)")
        }
    }

    @Test(arguments: powerCases.filter { $0.vocabularySize > 64 }) func noticesTruncation(_ one: Case) throws {
        let row = try one.logits.row(one.vocabularySize)
        let kept = Set(row.indices.sorted { row[$0] > row[$1] }.prefix(64))
        for temperature in one.temperatures {
            let truncated = row.indices.map { kept.contains($0) ? row[$0] : -1e30 }
            let counts = draw(200_000, from: softmax(truncated, at: temperature))
            #expect(
                pValue(of: counts, following: softmax(row, at: temperature)) < Self.threshold, "T = \(temperature)")
        }
    }

    /// Visits beyond those that are independent draw by the same law, each by itself.
    @Test(arguments: [8, 13, 65535] as [UInt16]) func laterVisitsKeepTheLaw(_ visit: UInt16) throws {
        for (logits, size) in [(LogitRow.sample(.zipf), 27), (.real(1), 600), (.real(2), 30522)] {
            let row = try logits.row(size)
            let samples = try Samples(row, candidates: 1...16, visits: 8, rows: 100_000)
            for temperature in [1, 1.4, 2] {
                let counts = try samples.counts(at: temperature, visits: Int(visit)..<Int(visit) + 1)
                #expect(pValue(of: counts, following: softmax(row, at: temperature)) > Self.threshold)
                let warm = try samples.counts(at: min(2, temperature * 1.06), visits: Int(visit)..<Int(visit) + 1)
                if temperature < 2 {
                    #expect(pValue(of: warm, following: softmax(row, at: temperature)) < Self.threshold)
                }
            }
        }
    }

    /// Any two of the visits that are guaranteed are independent; later ones share races, and the test sees it.
    @Test func guaranteedVisitsAreIndependent() throws {
        let row = SampleLogits.zipf.row(400, seed: 8)
        let samples = try Samples(row, candidates: 1...4, visits: 4, rows: 40_000)
        let order = row.indices.sorted { row[$0] > row[$1] }
        var octave = [Int](repeating: 0, count: 400)
        for (rank, id) in order.enumerated() { octave[id] = Int.bitWidth - (rank + 1).leadingZeroBitCount }
        func draws(_ visit: Int, _ temperature: Double) throws -> [Int] {
            try samples.draws(at: temperature, visit: UInt16(visit)).map { octave[Int($0)] }
        }
        for (first, second) in [(0, 1), (1, 2), (2, 3), (0, 3), (0, 2), (1, 3)] {
            let pairs = Array(zip(try draws(first, 2), try draws(second, 1.5)))
            #expect(independenceP(pairs) > 1e-5, "visits \(first) and \(second)")
        }
        // Twelve visits apart they read the same race, however many there are.
        #expect(independenceP(Array(zip(try draws(4, 2), try draws(16, 2)))) < 1e-10)
        // Later visits and those of the pool have numbers of their own.
        #expect(independenceP(Array(zip(try draws(4, 1), try draws(5, 1)))) > 1e-5)
    }

    /// No guaranteed visit finds that the race it should read has been read before.
    @Test func everyVisitThatCanDrawTheTailHasARaceOfItsOwn() throws {
        let row = try RealLogits.rows(600)[1]
        let samples = try Samples(row, candidates: 1...16, visits: 8, rows: 5_000)
        let mean = Double(samples.block.raceCount) / 5_000
        let tail = try ReplaySampler(samples.header, seed: 1).tempered(to: 2).distribution(of: samples.block, masked: 0)
            .tailProbability
        #expect(abs(mean - 8 * tail) < 0.1, "\(mean) races serve 8 visits that draw the tail with \(tail)")
    }

    /// Without the original, exactly; and with the most probable tokens alone.
    @Test(arguments: [(LogitRow.sample(.zipf), 27), (.real(1), 600), (.real(2), 30522)])
    func policiesFollowTheirOwnLaws(_ logits: LogitRow, _ size: Int) throws {
        let row = try logits.row(size)
        for candidates in [4...16, 16...16] {
            let samples = try Samples(row, candidates: candidates, visits: 8, rows: 25_000)
            for temperature in [1, 1.7] {
                let plain = softmax(row, at: temperature)
                let order = plain.indices.sorted { plain[$0] > plain[$1] }
                let without = scaled(plain) { $0 != Samples.original }
                let top = scaled(plain) { order.prefix(4).contains($0) }
                let both = scaled(top) { $0 != Samples.original }
                for (policy, law) in [
                    (ReplayPolicy(disallowsCorrect: true), without), (ReplayPolicy(topK: 4), top),
                    (ReplayPolicy(topK: 4, disallowsCorrect: true), both),
                ] {
                    let counts = try samples.counts(at: temperature, visits: 0..<8, policy: policy)
                    #expect(pValue(of: counts, following: law) > Self.threshold, "\(policy), T = \(temperature)")
                    // A sampler that ignores the policy, or follows another, is told apart.
                    let wrong = try samples.counts(
                        at: temperature, visits: 0..<8,
                        policy: policy.topK == nil ? ReplayPolicy(topK: 4) : ReplayPolicy())
                    #expect(pValue(of: wrong, following: law) < Self.threshold, "\(policy), T = \(temperature)")
                }
            }
        }
        #expect(throws: ReplayPolicyError.self) {
            try ReplaySampler(
                try sampleHeader(size, candidates: 4...16, visits: 8), seed: 1, policy: ReplayPolicy(topK: 5)
            )
            .requirePolicy()
        }
    }

    private func scaled(_ probabilities: [Double], where isKept: (Int) -> Bool) -> [Double] {
        let kept = probabilities.indices.map { isKept($0) ? probabilities[$0] : 0 }
        let sum = kept.reduce(0, +)
        return kept.map { $0 / sum }
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
    /// The token that the text has at the masked position.
    static let original = 4

    init(
        _ logits: [Float], candidates: ClosedRange<Int>, visits: Int, rows: Int,
        range: TemperatureRange = TemperatureRange(from: 1, to: 2)
    ) throws {
        header = try sampleHeader(logits.count, candidates: candidates, visits: visits, range: range)
        block = SequenceBlock(shape: header.blockShape)
        let distillation = HeadAndRaces(header)
        var logits = logits
        let original: [Int32] = [0, Int32(Self.original), 2]
        for sequence in 0..<rows {
            block.appendSequence(original.span)
            var row = logits.mutableSpan
            try distillation.append(&row, atPosition: 1, ofSequence: UInt64(sequence), to: &block)
        }
    }

    /// Total variation between the stored distribution (the head's tokens, the tail as a whole) and softmax(z/T).
    func distance(from logits: [Float], at temperature: Double) throws -> Double {
        let exact = softmax(logits, at: temperature)
        let stored = try ReplaySampler(header, seed: 1).tempered(to: temperature).distribution(of: block, masked: 0)
        var distance = 0.0
        var head = 0.0
        for (id, probability) in zip(stored.headIDs, stored.headProbabilities) {
            distance += abs(probability - exact[Int(id)])
            head += exact[Int(id)]
        }
        if stored.originalRank == nil {
            distance += abs(stored.originalProbability - exact[Self.original])
            head += exact[Self.original]
        }
        return (distance + abs(stored.tailProbability - (1 - head))) / 2
    }

    /// The token that each row is drawn as.
    func draws(
        at temperature: Double, visit: UInt16, policy: ReplayPolicy = ReplayPolicy()
    ) throws -> [Int32] {
        let replay = try ReplaySampler(header, seed: 99, policy: policy).tempered(to: temperature)
        var tokens: [Int32] = [0, 0, 0]
        var labels: [UInt8] = [0, 0, 0]
        return (0..<block.sequenceCount).map { row in
            var tokenSpan = tokens.mutableSpan
            var labelSpan = labels.mutableSpan
            _ = replay.replay(block, row: row, visit: visit, tokens: &tokenSpan, labels: &labelSpan)
            return tokens[1]
        }
    }

    /// How often each token is drawn at `temperature`, in the visits that are independent if no others are named.
    func counts(
        at temperature: Double, visits: Range<Int>? = nil, policy: ReplayPolicy = ReplayPolicy()
    ) throws -> [Int] {
        var counts = [Int](repeating: 0, count: header.vocabularySize)
        for visit in visits ?? 0..<max(8, header.visitCount) {
            for token in try draws(at: temperature, visit: UInt16(visit), policy: policy) { counts[Int(token)] += 1 }
        }
        return counts
    }
}
