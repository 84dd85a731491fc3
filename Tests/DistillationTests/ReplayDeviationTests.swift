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

        var header: ShardHeader {
            var header = sampleHeader(vocabularySize, headSize: headSize, raceCount: headSize < vocabularySize ? 1 : 0)
            header.temperatureRange = range
            if !header.tailNodes.isEmpty { header.tailNodes = range.evenNodes(5) }
            return header
        }
    }

    /// The default, its neighbors at the edge of what is accepted, and other sizes.
    static let accepted = [
        Case(1, 2), Case(1, 1), Case(0.75, 2), Case(1, 3), Case(2, 4.5), Case(1, 2, k: 1), Case(1, 2, k: 0),
        Case(1, 2, k: 64), Case(1, 2, k: 30522), Case(1, 2, 600), Case(0.75, 3, 600), Case(1, 2, 27, k: 4),
        Case(1, 2, 250_002), Case(1, 2, 2, k: 1), Case(1, 2, 1, k: 1),
    ]

    @Test(arguments: accepted) func isAccepted(_ one: Case) throws {
        let deviation = try ReplayDeviation.ofAcceptable(one.header)
        print("\(one.testDescription): typical \(deviation.typical), worst \(deviation.worst)")
        #expect(deviation.typical <= ReplayDeviation.limit)
        #expect(deviation.worst >= deviation.typical)
    }

    @Test(arguments: [
        Case(0.5, 4), Case(0.25, 4), Case(1.0 / 64, 64), Case(1, 4), Case(0.5, 2), Case(0.25, 1, 600, k: 600),
    ])
    func isRefusedWithTheFigure(_ one: Case) throws {
        let error = try #require(throws: TemperatureRangeError.self) {
            try ReplayDeviation.ofAcceptable(one.header)
        }
        #expect(error.deviation.typical > ReplayDeviation.limit && error.blame == .usage)
        #expect(error.description.contains("\(one.range.minimum) to \(one.range.maximum)"))
        #expect(error.problem.contains("0.0") || error.deviation.typical > 0.095, "\(error.problem)")
    }

    /// Rows of every kind, through the real codes: none exceeds the bound, and those like a generator's stay within the limit.
    @Test(arguments: accepted.filter { $0.vocabularySize <= 30522 }) func noRowExceedsTheBound(_ one: Case) throws {
        let deviation = ReplayDeviation(of: one.header)
        var largest = 0.0
        for (name, row) in rows(one.vocabularySize, headSize: one.headSize) {
            let found = try one.header.deviation(of: row)
            #expect(found <= deviation.worst, "\(name)")
            if name == "usual" { #expect(found <= 1.2 * ReplayDeviation.limit, "\(name)") }
            largest = max(largest, found)
        }
        print("\(one.testDescription): found \(largest), bound \(deviation.worst)")
    }

    /// The bound is near what it bounds: a row of two levels comes within a factor of two of it.
    @Test func theBoundIsNotFarFromTheWorstRow() throws {
        let one = Case(1, 2)
        let row = twoLevels(30522, ahead: 18, gap: 15.9)
        #expect(try one.header.deviation(of: row) > ReplayDeviation(of: one.header).worst / 2)
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
        // The head's logits half a step off, in turns up and down.
        for (deficit, step) in [(0.0, 0x1p-7), (2, 0x1p-6), (16, 0x1p-4)] {
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
    /// The largest total variation, over the range, between what a replay draws from a row and softmax(z/T).
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
            // A race is exact up to a part below the temperature that it is read at.
            var drawn = softmax(logits, at: max(low, temperature - (high - low) / 1024))
            for id in stored.headIDs { drawn[Int(id)] = 0 }
            let tail = drawn.reduce(0, +)
            if tail > 0 { for id in drawn.indices { drawn[id] *= stored.tailProbability / tail } }
            for (id, probability) in zip(stored.headIDs, stored.headProbabilities) { drawn[Int(id)] = probability }
            return zip(drawn, exact).reduce(0) { $0 + abs($1.0 - $1.1) } / 2
        }.max() ?? 0
    }
}
