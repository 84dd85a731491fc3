import Distillation
import Format
import Foundation
import Replay
import Storage
import Testing

/// How far draws may be from softmax(z/T), and which ranges of temperatures are refused for it.
@Suite struct ReplayDeviationTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var range: TemperatureRange
        var vocabularySize = 30522
        var headSize = 16
        var testDescription: String { "\(range), V = \(vocabularySize), k = \(headSize)" }

        init(_ minimum: Double, _ maximum: Double, _ vocabularySize: Int = 30522, k headSize: Int = 16) {
            range = TemperatureRange(from: minimum, to: maximum)
            self.vocabularySize = vocabularySize
            self.headSize = headSize
        }

        func header() throws -> ShardHeader {
            try sampleHeader(
                vocabularySize, candidates: headSize == vocabularySize ? headSize...headSize : 1...headSize, visits: 4,
                range: range)
        }
    }

    /// The default, wide ranges, temperatures below 1, a single one, and other sizes.
    static let accepted = [
        Case(1, 2), Case(1, 1), Case(0.75, 2), Case(1, 3), Case(2, 4.5), Case(1, 2, k: 1), Case(0.25, 4), Case(0.5, 2),
        Case(0.9, 0.9), Case(1, 8), Case(0.5, 4), Case(1.0 / 64, 1.0 / 32), Case(32, 64), Case(1, 2, k: 64),
        Case(1, 2, k: 30522), Case(0.25, 1, 600, k: 600), Case(1, 2, 600), Case(0.75, 3, 600), Case(1, 2, 27, k: 4),
        Case(1, 2, 250_002), Case(1, 2, 2, k: 1), Case(1, 2, 1, k: 1),
    ]

    @Test(arguments: accepted) func isAccepted(_ one: Case) throws {
        let header = try one.header()
        print(
            "\(one.testDescription): \(header.tailNodes.count) nodes, \(header.changeParts) parts, \(header.deviation)")
        #expect(header.deviation <= ReplayPrecision.limit && header.deviation > 0.0005)
        let nodes = header.tailNodes
        #expect(header.isDense == nodes.isEmpty && zip(nodes, nodes.dropFirst()).allSatisfy { $0 < $1 })
        #expect(header.isDense || nodes.first == one.range.minimum && nodes.last == one.range.maximum)
    }

    @Test(arguments: [Case(1.0 / 64, 64), Case(1.0 / 64, 64, 600), Case(1.0 / 64, 64, 600, k: 600)])
    func isRefusedWithTheFigure(_ one: Case) throws {
        let error = try #require(throws: TemperatureRangeError.self) { _ = try one.header() }
        #expect(error.deviation > ReplayPrecision.limit && error.blame == .usage)
        #expect(error.description.contains("\(one.range.minimum) to \(one.range.maximum)"))
        #expect(error.problem.contains("0.0") || error.deviation > 0.095, "\(error.problem)")
    }

    /// Rows of every kind, through the real codes: none exceeds the bound, and those like a generator's stay within the limit.
    @Test(arguments: accepted.filter { $0.vocabularySize <= 30522 }) func noRowExceedsTheBound(_ one: Case) throws {
        let header = try one.header()
        var largest = 0.0
        for (name, row) in rows(one.vocabularySize, headSize: one.headSize) {
            let found = try header.deviation(of: row)
            #expect(found <= header.deviation, "\(name)")
            largest = max(largest, found)
        }
        print("\(one.testDescription): found \(largest), bound \(header.deviation)")
    }

    /// The bound is near the largest deviation, and five even nodes would not keep it: the rows can tell.
    @Test func theBoundIsNotFarFromTheWorstRow() throws {
        var header = try Case(1, 2).header()
        let rows = tailsOfTwoLevels(30522)
        let largest = try rows.map { try header.deviation(of: $0.row) }.max() ?? 0
        print("bound \(header.deviation), found \(largest)")
        #expect(largest > header.deviation / 5)
        header.tailNodes = [1, 1.25, 1.5, 1.75, 2]
        #expect(try rows.map { try header.deviation(of: $0.row) }.max() ?? 0 > 2 * ReplayPrecision.limit)
    }

    /// One token ahead of a tail of two levels, which takes half of the mass where its lower level comes up.
    private func tailsOfTwoLevels(_ size: Int) -> [(name: String, row: [Float])] {
        [(2, 1.5), (2, 4), (10, 4), (10, 7), (50, 7)].flatMap { upper, lead in
            [9, 11, 13].map { gap in
                let row = (0..<size).map { $0 == 0 ? 0 : Float($0 <= upper ? -lead : -lead - gap) }
                return ("one ahead by \(lead) of \(upper), these by \(gap)", row)
            }
        }
    }

    private func rows(_ size: Int, headSize: Int) -> [(name: String, row: [Float])] {
        var rows: [(String, [Float])] = []
        for seed in 1...2 as ClosedRange<UInt64> {
            rows += SampleLogits.allCases.map { ("usual", $0.row(size, seed: seed)) }
        }
        for ahead in [1, headSize + 1, headSize + 2, 2 * headSize + 1, 10 * headSize + 10] where ahead < size {
            for gap in [2.0078, 5.5, 9, 12.5, 15.9, 19] {
                rows.append(("two levels, \(ahead) ahead by \(gap)", twoLevels(size, ahead: ahead, gap: gap)))
            }
        }
        rows += tailsOfTwoLevels(size)
        // The head's logits half a step off, in turns up and down.
        for (deficit, step) in [(0.0, 0x1p-8), (16, 0x1p-7), (64, 0x1p-5)] {
            let row = (0..<size).map { id -> Float in
                if id == 0 { return 0 }
                if id >= max(headSize, 9) { return -30 }
                return Float(-deficit - step * (id % 2 == 0 ? 0.51 : 1.49))
            }
            rows.append(("rounded badly from \(deficit)", row))
        }
        return rows
    }

    /// Some tokens alike, all others alike below them.
    private func twoLevels(_ size: Int, ahead: Int, gap: Double) -> [Float] {
        (0..<size).map { $0 < ahead ? 0 : Float(-gap) }
    }
}

extension ShardHeader {
    /// The largest total variation, over the range, between the draws of a replay from a row and softmax(z/T).
    fileprivate func deviation(of logits: [Float]) throws -> Double {
        var block = SequenceBlock(shape: blockShape)
        let original: [Int32] = [0, 0, 0]
        block.appendSequence(original.span)
        var row = logits
        var span = row.mutableSpan
        try HeadAndRaces(self).append(&span, atPosition: 1, ofSequence: 0, to: &block)
        let (low, high) = (temperatureRange.minimum, temperatureRange.maximum)
        return try (0...20).map { step in
            let temperature = low + (high - low) * Double(step) / 20
            let exact = softmax(logits, at: temperature)
            let stored = try ReplaySampler(self, seed: 1).tempered(to: temperature).distribution(of: block, masked: 0)
            // A race is read up to half a part early or late.
            let half = (temperatureRange.place(of: high) - temperatureRange.place(of: low)) / Double(changeParts) / 2
            let place = max(temperatureRange.place(of: temperature) - half, temperatureRange.place(of: low))
            var drawn = softmax(logits, at: temperatureRange.temperature(atPlace: place))
            let head = Set(stored.headIDs + [0])
            for id in head { drawn[Int(id)] = 0 }
            let tail = drawn.reduce(0, +)
            if tail > 0 { for id in drawn.indices { drawn[id] *= stored.tailProbability / tail } }
            drawn[0] = stored.originalProbability
            for (id, probability) in zip(stored.headIDs, stored.headProbabilities) { drawn[Int(id)] = probability }
            return zip(drawn, exact).reduce(0) { $0 + abs($1.0 - $1.1) } / 2
        }.max() ?? 0
    }
}
