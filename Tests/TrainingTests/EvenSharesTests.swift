import Testing
import Training

@Suite struct EvenSharesTests {
    @Test(arguments: [(128, 48), (128, 128), (7, 3), (3, 7), (0, 4), (4096, 1)])
    func coverAllAndDifferByOneAtMost(count: Int, parts: Int) throws {
        let shares = EvenShares(of: count, among: parts)
        let ranges = (0..<parts).map { shares[$0] }
        #expect(ranges.flatMap(\.self) == Array(0..<count))
        let sizes = ranges.map(\.count)
        #expect(try #require(sizes.max()) - (try #require(sizes.min())) <= 1)
    }
}
