import Distillation
import Format
import Foundation
import Replay
import Testing

@Suite struct HeadAndRacesTests {
    struct Shape: Sendable, CustomTestStringConvertible {
        var vocabularySize: Int
        var headSize: Int
        var testDescription: String { "V = \(vocabularySize), k = \(headSize)" }
    }

    static let shapes = [(5, 2), (27, 8), (27, 27), (600, 1), (600, 16), (30522, 16), (30522, 64)].map {
        Shape(vocabularySize: $0, headSize: $1)
    }

    @Test(arguments: shapes, SampleLogits.allCases)
    func headIsTheLargestLogits(_ shape: Shape, _ logits: SampleLogits) throws {
        let row = logits.row(shape.vocabularySize, seed: 4)
        let block = try Samples(row, candidates: shape.headSize...shape.headSize, visits: 1, rows: 1).block
        let order = row.indices.sorted { row[$0] > row[$1] || (row[$0] == row[$1] && $0 < $1) }
        #expect(block.headIDs == order.prefix(shape.headSize).map(Int32.init))
        for (id, code) in zip(block.headIDs, block.headCodes) {
            let deficit = Double(row[order[0]]) - Double(row[Int(id)])
            let step = deficit < 16 ? 0x1p-8 : deficit < 64 ? 0x1p-7 : 0x1p-5
            #expect(abs(Quantization.headDeficit(code) - deficit) <= step / 2)
        }
    }

    @Test(arguments: shapes, SampleLogits.allCases)
    func tailMassIsThatOfAllOtherTokens(_ shape: Shape, _ logits: SampleLogits) throws {
        let row = logits.row(shape.vocabularySize, seed: 4)
        let samples = try Samples(row, candidates: shape.headSize...shape.headSize, visits: 1, rows: 1)
        let head = Set(samples.block.headIDs.map(Int.init) + [Samples.original])
        let largest = Double(row.max() ?? 0)
        for (node, code) in zip(samples.header.tailNodes, samples.block.tailCodes) {
            let mass = row.indices.filter { !head.contains($0) }
                .reduce(0.0) { $0 + exp((Double(row[$1]) - largest) / node) }
            #expect(abs(Double(code) * Quantization.tailStep - log(mass)) <= Quantization.tailStep / 2 + 3e-5)
        }
    }

    @Test(arguments: shapes, SampleLogits.allCases)
    func quantizationAndInterpolationMoveNoDistributionByMoreThanTwoInAThousand(
        _ shape: Shape, _ logits: SampleLogits
    ) throws {
        for seed in 1...5 as ClosedRange<UInt64> {
            let row = logits.row(shape.vocabularySize, seed: seed)
            let samples = try Samples(row, candidates: shape.headSize...shape.headSize, visits: 1, rows: 1)
            for step in 0...20 {
                let temperature = 1 + Double(step) / 20
                #expect(try samples.distance(from: row, at: temperature) < 0.002, "T = \(temperature)")
            }
        }
    }

    /// The same of logits that trained models gave, over every head size.
    @Test(arguments: [27, 600, 30522])
    func quantizationMovesNoRealDistributionByMoreThanTwoInAThousand(_ vocabularySize: Int) throws {
        for headSize in [8, 16, 64, vocabularySize] where headSize <= vocabularySize {
            var largest = 0.0
            for row in try RealLogits.rows(vocabularySize) {
                let samples = try Samples(row, candidates: headSize...headSize, visits: 1, rows: 1)
                for step in 0...20 {
                    largest = max(largest, try samples.distance(from: row, at: 1 + Double(step) / 20))
                }
            }
            print("V = \(vocabularySize), k = \(headSize): total variation up to \(largest)")
            #expect(largest < 0.002)
        }
    }

    @Test func putsTheRowBack() throws {
        let row = SampleLogits.zipf.row(600, seed: 4)
        var changed = row
        let header = try sampleHeader(600, candidates: 1...16, visits: 2)
        var block = SequenceBlock(shape: header.blockShape)
        block.appendSequence([1, 2, 3].span)
        var span = changed.mutableSpan
        try HeadAndRaces(header).append(&span, atPosition: 0, ofSequence: 0, to: &block)
        #expect(changed == row)
    }

    @Test(arguments: [Float.nan, .infinity]) func refusesLogitsThatAreNotFinite(_ bad: Float) throws {
        for index in [0, 15, 16, 599] {
            var row = SampleLogits.zipf.row(600, seed: 4)
            row[index] = bad
            try expectRefusal(row)
        }
        try expectRefusal([Float](repeating: -.infinity, count: 600))
    }

    private func expectRefusal(_ row: [Float]) throws {
        for candidates in [1...1, 1...8, 600...600] {
            let header = try sampleHeader(600, candidates: candidates, visits: 2)
            var block = SequenceBlock(shape: header.blockShape)
            block.appendSequence([1, 2, 3].span)
            var row = row
            let error = #expect(throws: DistillationError.self) {
                var span = row.mutableSpan
                try HeadAndRaces(header).append(&span, atPosition: 1, ofSequence: 77, to: &block)
            }
            #expect(error?.kind == .logitsNotFinite)
            #expect(error?.sequence == 77)
            #expect(error?.position == 1)
            #expect(block.maskedCount == 0, "nothing of a refused row is kept")
        }
    }

    @Test(arguments: [1, 4, 27]) func neverDrawsATokenOfNoProbability(_ headSize: Int) throws {
        var row = SampleLogits.zipf.row(27, seed: 4)
        let banned = Set(row.indices.filter { $0 % 3 != 0 })
        for id in banned { row[id] = -.infinity }
        let counts = try Samples(row, candidates: headSize...headSize, visits: 2, rows: 2000).counts(at: 2)
        #expect(banned.allSatisfy { counts[$0] == 0 })
        #expect(counts.reduce(0, +) == 16000)
    }

    @Test func dependsOnSeedPassSequenceAndPositionAlone() throws {
        let header = try sampleHeader(600, candidates: 1...8, visits: 4)
        func distilled(
            _ header: ShardHeader, _ worker: HeadAndRaces, _ sequence: UInt64, _ position: Int
        ) throws -> SequenceBlock {
            var block = SequenceBlock(shape: header.blockShape)
            block.appendSequence([1, 2, 3, 4, 5, 6, 7, 8].span)
            var row = SampleLogits.zipf.row(600, seed: 4)
            var span = row.mutableSpan
            try worker.append(&span, atPosition: position, ofSequence: sequence, to: &block)
            return block
        }
        let used = HeadAndRaces(header)
        for sequence in 0..<20 as Range<UInt64> { _ = try distilled(header, used, sequence, 1) }
        let reference = try distilled(header, HeadAndRaces(header), 5, 3)
        #expect(try distilled(header, used, 5, 3) == reference)
        #expect(try distilled(header, used, 6, 3) != reference)
        #expect(try distilled(header, used, 5, 4).changeCodes != reference.changeCodes)
        var other = header
        other.seed += 1
        #expect(try distilled(other, HeadAndRaces(other), 5, 3) != reference)
        other = header
        other.pass = 1
        #expect(try distilled(other, HeadAndRaces(other), 5, 3) != reference)
    }

    /// Candidates stop where one more would cost more bytes than the races that it saves.
    @Test func candidatesAreAsManyAsAreProbable() throws {
        var row = [Float](repeating: 0, count: 600)
        for (id, probable) in [(7, 6), (8, 5.5), (9, 5)] as [(Int, Float)] { row[id] = probable * 2 }
        let weights = softmax(row, at: 2)
        for (visits, count) in [(1, 0), (4, 2), (256, 3)] {
            let worthy = weights.count { $0 > 1.9 / 4.2 / Double(visits) }
            #expect(worthy == count, "at \(visits) visits")
            let block = try Samples(row, candidates: 1...16, visits: visits, rows: 1).block
            #expect(block.candidateRange(ofMasked: 0).count == max(1, count))
        }
        #expect(try Samples(row, candidates: 2...2, visits: 4, rows: 1).block.headIDs == [7, 8])
        #expect(try Samples(row, candidates: 5...9, visits: 4, rows: 1).block.headIDs.count == 5)
    }

    /// The original's logit is kept wherever it lies, and no race is won by it.
    @Test(arguments: [1, 300, 599]) func theOriginalIsNeverInTheTail(_ rank: Int) throws {
        var row = SampleLogits.zipf.row(600, seed: 4)
        let order = row.indices.sorted { row[$0] > row[$1] }
        row.swapAt(Samples.original, order[rank])
        let samples = try Samples(row, candidates: 1...1, visits: 4, rows: 500)
        #expect(samples.block.originalRanks.allSatisfy { $0 < 0 })
        #expect(!samples.block.winners.contains(Int32(Samples.original)))
        for temperature in [1, 1.4, 2] {
            let seen = try ReplaySampler(samples.header, seed: 1).tempered(to: temperature)
                .distribution(of: samples.block, masked: 0).originalProbability
            #expect(abs(seen - softmax(row, at: temperature)[Samples.original]) < 0.002)
        }
    }

    @Test func tokensThatAreNeverDrawnHaveNoPlaceAnywhere() throws {
        var header = try sampleHeader(600, candidates: 1...16, visits: 4)
        header.neverDrawn = TokenRange.ranges(of: [0, 1, 2, 3, 100, 101, 599])
        var block = SequenceBlock(shape: header.blockShape)
        let distillation = HeadAndRaces(header)
        var row = [Float](repeating: 0, count: 600)
        for id in [0, 3, 100, 599] { row[id] = 9 }
        for sequence in 0..<200 as Range<UInt64> {
            block.appendSequence([1, 100, 2].span)
            var copy = row
            var span = copy.mutableSpan
            try distillation.append(&span, atPosition: 1, ofSequence: sequence, to: &block)
        }
        let banned: Set<Int32> = [0, 1, 2, 3, 100, 101, 599]
        #expect(banned.isDisjoint(with: block.headIDs) && banned.isDisjoint(with: block.winners))
        #expect(block.originalCodes.allSatisfy { $0 == Quantization.headZero }, "an original that is never drawn")
    }
}
