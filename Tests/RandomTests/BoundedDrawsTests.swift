import Random
import Testing

@Suite struct BoundedDrawsTests {
    /// Written down from `Int.random(in:using:)` and `shuffled(using:)` of Swift 6.3.1, which made the masks so far.
    @Test func areTheSameWithEveryCompiler() {
        var draws = RandomStream(seed: 20, purpose: .masking).draws(pass: 1, sequence: 2, position: 3)
        #expect((0..<12).map { _ in draws.integer(in: 0..<10) } == [6, 5, 1, 4, 7, 4, 2, 9, 9, 9, 1, 5])
        #expect(
            (0..<6).map { _ in draws.integer(in: -7..<1_000_000_007) } == [
                980_602_189, 821_548_624, 882_492_478, 378_613_576, 725_432_391, 566_798_110,
            ])
        // Of these bits three in eight are drawn again.
        #expect(
            (0..<6).map { _ in draws.integer(in: Int.min..<(1 << 61)) } == [
                -2_873_893_126_663_527_585, -7_129_553_506_066_146_671, 1_606_138_752_515_796_721,
                -3_881_441_133_402_899_793,
                827_389_191_075_105_761, 748_286_996_846_396_553,
            ])
        #expect(draws.shuffled(0..<20) == [9, 12, 17, 13, 0, 4, 11, 15, 8, 3, 2, 18, 7, 14, 19, 5, 16, 10, 1, 6])
        #expect(draws.next() == 16_143_196_851_549_233_295, "as many numbers are used")
    }

    @Test func coversItsRange() {
        var draws = RandomStream(seed: 1, purpose: .masking).draws(pass: 0, sequence: 0, position: 0)
        #expect(Set((0..<1000).map { _ in draws.integer(in: -3..<4) }) == Set(-3..<4))
        #expect(draws.integer(in: 5..<6) == 5)
        #expect(draws.shuffled([Int]()) == [] && draws.shuffled([7]) == [7])
        #expect(draws.shuffled(0..<100).sorted() == Array(0..<100))
    }
}
