import Replay
import Testing

@Suite struct StreamMixtureTests {
    private static let length = StreamMixture.cycleLength

    @Test func quotasAreTheWeights() {
        #expect(StreamMixture([7, 3], seed: 1).quotas == [45875, 19661])
        #expect(StreamMixture([1, 1, 1], seed: 1).quotas == [21846, 21845, 21845])
        #expect(StreamMixture([5], seed: 1).quotas == [Self.length])
        // Every stream comes by, however small it is.
        #expect(StreamMixture([1e-9, 1, 1e-12], seed: 1).quotas == [1, Self.length - 2, 1])
        // Of equal ones, the first gives. Python does the same (test_global_batches.py).
        #expect(StreamMixture([1, 1, 1e-9, 1e-9, 1e-9], seed: 1).quotas == [32766, 32767, 1, 1, 1])
        let many = StreamMixture((1...1000).map { 1 / Double($0 * $0 * $0) }, seed: 1).quotas
        #expect(many.reduce(0, +) == Self.length && many.allSatisfy { $0 > 0 })
    }

    /// Each stream is gone through in order, without a gap and without a repetition, over cycles.
    @Test func everyStreamIsGoneThroughInOrder() {
        let mixture = StreamMixture([0.5, 0.2, 0.3], seed: 4)
        var next: [UInt64] = [0, 0, 0]
        for number in 0..<3 as Range<UInt64> {
            let cycle = mixture.cycle(number)
            for index in 0..<Self.length {
                let (stream, place) = cycle.place(index)
                guard place == next[stream] else {
                    Issue.record("stream \(stream) is at \(place), not at \(next[stream])")
                    return
                }
                next[stream] += 1
            }
        }
        #expect(next == mixture.quotas.map { 3 * UInt64($0) })
    }

    @Test func isAFunctionOfSeedAndNumber() {
        func streams(_ seed: UInt64, _ cycle: UInt64) -> [Int] {
            let cycle = StreamMixture([0.5, 0.5], seed: seed).cycle(cycle)
            return (0..<200).map { cycle.place($0).stream }
        }
        #expect(streams(1, 0) == streams(1, 0))
        #expect(streams(1, 0) != streams(1, 1) && streams(1, 0) != streams(2, 0))
    }

    /// Any part of a cycle has the streams in proportion, as drawing without replacement has them.
    @Test func aPartOfACycleIsInProportion() {
        let cycle = StreamMixture([0.7, 0.3], seed: 9).cycle(0)
        for start in stride(from: 0, to: Self.length - 4096, by: 4096) {
            let first = (start..<start + 4096).count { cycle.place($0).stream == 0 }
            // Five standard deviations of a binomial.
            #expect(abs(Double(first) - 0.7 * 4096) < 5 * (4096 * 0.21).squareRoot())
        }
    }
}
