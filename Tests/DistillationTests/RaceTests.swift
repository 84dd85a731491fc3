import Format
import Foundation
import Random
import Testing

@Suite struct RaceTests {
    static let temperatures = [1, 1.25, 1.6, 2]
    static let rows = 20_000

    /// The joint law of the winners at several temperatures is that of a Gumbel for every token.
    @Test(arguments: [SampleLogits.zipf, .peaked, .flat]) func agreesWithTheDenseRace(_ logits: SampleLogits) throws {
        let row = logits.row(400, seed: 8)
        let samples = try Samples(row, headSize: 0, races: 1, rows: Self.rows)
        let rank = ranks(row)
        var cheap: [[Int]: Int] = [:]
        var dense: [[Int]: Int] = [:]
        var random = RandomStream(seed: 31, purpose: .race).draws(pass: 0, sequence: 0, position: 0)
        for index in 0..<Self.rows {
            let winners = Self.temperatures.map { temperature in
                let position = Quantization.temperaturePosition(temperature, in: samples.header.temperatureRange)
                return Int(samples.block.winner(ofMasked: index, race: 0, atPosition: position))
            }
            cheap[summary(winners, rank), default: 0] += 1
            let expected = DenseRace.winners(row, at: Self.temperatures, random: &random)
            dense[summary(expected, rank), default: 0] += 1
        }
        #expect(twoSampleP(cheap, dense) > 1e-4)
        #expect(cheap.count > 20, "\(cheap.count) different outcomes show little")
    }

    /// Races of one position, of neighbouring positions and of neighbouring sequences know nothing of one another.
    @Test func successiveRacesAreIndependent() throws {
        let row = SampleLogits.zipf.row(400, seed: 8)
        let samples = try Samples(row, headSize: 0, races: 4, rows: Self.rows)
        let rank = ranks(row)
        func band(_ masked: Int, _ race: Int, _ position: Double) -> Int {
            octave(rank[Int(samples.block.winner(ofMasked: masked, race: race, atPosition: position))])
        }
        for (first, second) in [(0, 1), (1, 2), (0, 3)] {
            for position in [0, 1024.0] {
                let pairs = (0..<Self.rows).map { (band($0, first, position), band($0, second, 1024 - position)) }
                #expect(independenceP(pairs) > 1e-5)
            }
        }
        let neighbours = (1..<Self.rows).map { (band($0 - 1, 3, 0), band($0, 0, 0)) }
        #expect(independenceP(neighbours) > 1e-5)
        // One race read at two temperatures is far from independent: the test can fail.
        #expect(independenceP((0..<Self.rows).map { (band($0, 0, 0), band($0, 0, 1024)) }) < 1e-10)
    }

    @Test func leadersAscendInTheirGumbelsAndChangesInTemperature() throws {
        let row = SampleLogits.zipf.row(30522, seed: 8)
        let block = try Samples(row, headSize: 16, races: 4, rows: 500).block
        for race in 0..<2000 {
            let winners = block.winnerRange(ofMasked: race / 4, race: race % 4).map { row[Int(block.winners[$0])] }
            // A later leader has the larger Gumbel, so the smaller logit: else it would have led before.
            #expect(zip(winners, winners.dropFirst()).allSatisfy { $0 > $1 })
            let changes = block.changeRange(ofMasked: race / 4, race: race % 4).map { block.changeCodes[$0] }
            #expect(zip(changes, changes.dropFirst()).allSatisfy { $0 < $1 })
            #expect(changes.allSatisfy { (1...1024).contains($0) })
        }
    }

    private func ranks(_ row: [Float]) -> [Int] {
        var ranks = [Int](repeating: 0, count: row.count)
        for (rank, id) in row.indices.sorted(by: { row[$0] > row[$1] }).enumerated() { ranks[id] = rank }
        return ranks
    }

    private func octave(_ rank: Int) -> Int { Int.bitWidth - (rank + 1).leadingZeroBitCount }

    /// The octaves of the first and the last winner's rank, and where the winner changes between.
    private func summary(_ winners: [Int], _ rank: [Int]) -> [Int] {
        [octave(rank[winners[0]]), octave(rank[winners[winners.count - 1]])]
            + zip(winners, winners.dropFirst()).map { $0 == $1 ? 0 : 1 }
    }

    /// The p-value of two samples having one distribution; rare outcomes count as one.
    private func twoSampleP(_ first: [[Int]: Int], _ second: [[Int]: Int]) -> Double {
        var statistic = 0.0
        var bins = 0
        var rare = (0.0, 0.0)
        func add(_ one: Double, _ other: Double) {
            if one + other == 0 { return }
            statistic += (one - other) * (one - other) / (one + other)
            bins += 1
        }
        for outcome in Set(first.keys).union(second.keys) {
            let one = Double(first[outcome] ?? 0)
            let other = Double(second[outcome] ?? 0)
            if one + other < 40 { rare = (rare.0 + one, rare.1 + other) } else { add(one, other) }
        }
        add(rare.0, rare.1)
        return chiSquareP(statistic, degreesOfFreedom: bins - 1)
    }

    /// The p-value of the two numbers of a pair being independent; bands of few pairs are merged.
    private func independenceP(_ pairs: [(Int, Int)]) -> Double {
        func merged(_ values: [Int]) -> [Int] {
            let common = Set(Dictionary(grouping: values, by: { $0 }).filter { $1.count > values.count / 20 }.keys)
            return values.map { common.contains($0) ? $0 : -1 }
        }
        let first = merged(pairs.map(\.0))
        let second = merged(pairs.map(\.1))
        let rows = Dictionary(grouping: first, by: { $0 }).mapValues(\.count)
        let columns = Dictionary(grouping: second, by: { $0 }).mapValues(\.count)
        var cells: [[Int]: Int] = [:]
        for (one, other) in zip(first, second) { cells[[one, other], default: 0] += 1 }
        var statistic = 0.0
        for (row, rowCount) in rows {
            for (column, columnCount) in columns {
                let expected = Double(rowCount) * Double(columnCount) / Double(pairs.count)
                let observed = Double(cells[[row, column]] ?? 0)
                statistic += (observed - expected) * (observed - expected) / expected
            }
        }
        return chiSquareP(statistic, degreesOfFreedom: (rows.count - 1) * (columns.count - 1))
    }
}
