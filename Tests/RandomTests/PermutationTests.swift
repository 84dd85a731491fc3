import Random
import Testing

@Suite struct PermutationTests {
    private let stream = RandomStream(seed: 7, purpose: .shuffle)

    @Test(arguments: [0, 1, 2, 3, 5, 64, 1000, 4097])
    func visitsEveryElementOnce(count: Int) {
        let permutation = Permutation(count: count, stream: stream, pass: 3)
        #expect((0..<count).map { permutation[$0] }.sorted() == Array(0..<count))
    }

    @Test func dependsOnPassSectionAndSeed() {
        func order(_ stream: RandomStream, pass: UInt32, section: UInt64) -> [Int] {
            let permutation = Permutation(count: 100, stream: stream, pass: pass, section: section)
            return (0..<100).map { permutation[$0] }
        }
        let first = order(stream, pass: 0, section: 0)
        #expect(first == order(stream, pass: 0, section: 0))
        #expect(first != Array(0..<100))
        #expect(first != order(stream, pass: 1, section: 0))
        #expect(first != order(stream, pass: 0, section: 1))
        #expect(first != order(RandomStream(seed: 8, purpose: .shuffle), pass: 0, section: 0))
    }

    /// Where an element lands is uniform over passes: chi-square over 10 places of 10,000 passes, 9 degrees of freedom.
    @Test func isUniform() {
        var counts = [Int](repeating: 0, count: 10)
        for pass in 0..<10_000 {
            counts[Permutation(count: 10, stream: stream, pass: UInt32(pass))[4]] += 1
        }
        let statistic = counts.reduce(0.0) { $0 + (Double($1) - 1000) * (Double($1) - 1000) / 1000 }
        #expect(statistic < 33.7, "p < 1e-4: \(counts)")
    }
}
