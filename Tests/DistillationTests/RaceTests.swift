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
        let samples = try Samples(row, candidates: 1...1, visits: 1, rows: Self.rows)
        // Those that race: neither the candidate nor the original.
        var runners = row
        for id in samples.block.headIDs.prefix(1) + [Int32(Samples.original)] { runners[Int(id)] = -.infinity }
        let rank = ranks(row)
        var cheap: [[Int]: Int] = [:]
        var dense: [[Int]: Int] = [:]
        var random = RandomStream(seed: 31, purpose: .race).draws(pass: 0, sequence: 0, position: 0)
        for index in 0..<Self.rows {
            let winners = Self.temperatures.map { temperature in
                let part = samples.header.temperatureRange.part(of: temperature, in: samples.header.changeParts)
                return Int(samples.block.winner(ofRace: index, atPart: part))
            }
            cheap[summary(winners, rank), default: 0] += 1
            let expected = DenseRace.winners(runners, at: Self.temperatures, random: &random)
            dense[summary(expected, rank), default: 0] += 1
        }
        #expect(twoSampleP(cheap, dense) > 1e-4)
        #expect(cheap.count > 20, "\(cheap.count) different outcomes show little")
    }

    /// Races of one position, of neighboring positions and of neighboring sequences know nothing of one another.
    @Test func successiveRacesAreIndependent() throws {
        let row = SampleLogits.zipf.row(400, seed: 8)
        let block = try Samples(row, candidates: 1...1, visits: 8, rows: Self.rows).block
        let rank = ranks(row)
        let rows = (0..<Self.rows).filter { block.raceRange(ofMasked: $0).count >= 4 }
        #expect(rows.count > Self.rows * 3 / 4)
        func band(_ masked: Int, _ race: Int, _ part: Double) -> Int {
            octave(rank[Int(block.winner(ofRace: block.raceRange(ofMasked: masked).lowerBound + race, atPart: part))])
        }
        for (first, second) in [(0, 1), (1, 2), (0, 3)] {
            for part in [0, 2048.0] {
                let pairs = rows.map { (band($0, first, part), band($0, second, 2048 - part)) }
                #expect(independenceP(pairs) > 1e-5)
            }
        }
        let neighbors = zip(rows, rows.dropFirst()).map { (band($0, 3, 0), band($1, 0, 0)) }
        #expect(independenceP(neighbors) > 1e-5)
        // One race read at two temperatures is far from independent: the test can fail.
        #expect(independenceP(rows.map { (band($0, 0, 0), band($0, 0, 2048)) }) < 1e-10)
    }

    @Test func leadersAscendInTheirGumbelsAndChangesInTemperature() throws {
        let row = SampleLogits.zipf.row(30522, seed: 8)
        let block = try Samples(row, candidates: 16...16, visits: 4, rows: 500).block
        #expect(block.raceCount > 1000)
        for race in 0..<block.raceCount {
            let winners = block.winnerRange(ofRace: race).map { row[Int(block.winners[$0])] }
            // A later leader has the larger Gumbel, so the smaller logit: else it would have led before.
            #expect(zip(winners, winners.dropFirst()).allSatisfy { $0 > $1 })
            let changes = block.changeRange(ofRace: race).map { block.changeCodes[$0] }
            #expect(zip(changes, changes.dropFirst()).allSatisfy { $0 < $1 })
            #expect(changes.allSatisfy { (1...2048).contains($0) })
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
}
