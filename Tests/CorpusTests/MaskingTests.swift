import Corpus
import Random
import Testing

@Suite struct MaskingTests {
    private let masking = Masking(probability: 0.15, maskToken: 4, specialTokens: [0, 1, 2, 3, 4])
    private let stream = RandomStream(seed: 5, purpose: .masking)

    private func sequence(_ count: Int) -> [Int32] {
        [2] + (0..<Int32(count)).map { 10 + $0 } + [3]
    }

    @Test func masksAShareAndNoSpecialToken() {
        for count in 0..<200 {
            let tokens = sequence(count)
            let positions = masking.positions(in: tokens, stream: stream, pass: 0, sequence: UInt64(count))
            let expected = count == 0 ? 0 : max(1, Int((Double(count) * 0.15).rounded()))
            #expect(positions.count == expected)
            #expect(positions == positions.sorted() && Set(positions).count == positions.count)
            #expect(positions.allSatisfy { tokens[Int($0)] >= 10 })
            let masked = masking.masked(tokens, at: positions)
            for (index, token) in tokens.enumerated() {
                #expect(masked[index] == (positions.contains(Int32(index)) ? 4 : token))
            }
        }
    }

    /// Written down from Swift 6.3.1's `Int.random(in:using:)`: a data set that was begun goes on with any compiler.
    @Test(
        arguments: [
            (20, 0, 0, [2, 4, 5]),
            (126, 1, 7, [6, 9, 10, 31, 36, 39, 45, 47, 59, 60, 61, 70, 72, 79, 83, 91, 103, 107, 114]),
            (126, 65535, (1 << 48) - 1, [1, 8, 15, 18, 31, 40, 46, 57, 65, 67, 69, 75, 77, 96, 97, 99, 119, 120, 123]),
        ] as [(Int, UInt32, UInt64, [Int32])])
    func masksTheSamePositionsWithEveryCompiler(count: Int, pass: UInt32, number: UInt64, expected: [Int32]) {
        #expect(
            masking.positions(in: sequence(count), stream: stream, pass: pass, sequence: number) == expected)
    }

    /// Every position is masked equally often: chi-square over 20 positions of 20,000 sequences.
    @Test func isUniformOverPositions() {
        let tokens = sequence(20)
        var counts = [Double](repeating: 0, count: 22)
        for index in 0..<20_000 {
            for position in masking.positions(in: tokens, stream: stream, pass: 1, sequence: UInt64(index)) {
                counts[Int(position)] += 1
            }
        }
        let statistic = counts[1...20].reduce(0) { $0 + ($1 - 3000) * ($1 - 3000) / 3000 }
        #expect(statistic < 52.4, "p < 1e-4 with 19 degrees of freedom: \(counts)")
        #expect(counts[0] == 0 && counts[21] == 0)
    }

    @Test func dependsOnPassAndSequence() {
        let tokens = sequence(100)
        let first = masking.positions(in: tokens, stream: stream, pass: 0, sequence: 0)
        #expect(first == masking.positions(in: tokens, stream: stream, pass: 0, sequence: 0))
        #expect(first != masking.positions(in: tokens, stream: stream, pass: 1, sequence: 0))
        #expect(first != masking.positions(in: tokens, stream: stream, pass: 0, sequence: 1))
    }
}
