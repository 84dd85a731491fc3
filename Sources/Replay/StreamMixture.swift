import Random

/// Which of several streams of sequences each sequence of a run comes from, in proportion to weights: a function of the seed and the
/// sequence's number.
///
/// A run goes through cycles of 65,536 sequences. Every cycle has the same number of each stream, its quota, in an order of its own. So
/// weights are kept to 1/65,536, and where a stream stands after any number of cycles is a product.
package struct StreamMixture: Sendable {
    package static let cycleLength = 1 << 16

    /// Sequences of each stream in a cycle.
    package let quotas: [Int]
    private let random: RandomStream

    /// - Parameter weights: above 0; their sum does not matter. There are at most as many as a cycle has sequences.
    package init(_ weights: [Double], seed: UInt64) {
        precondition((1...Self.cycleLength).contains(weights.count) && weights.allSatisfy { $0 > 0 })
        let sum = weights.reduce(0, +)
        let shares = weights.map { Double(Self.cycleLength) * ($0 / sum) }
        // Rounded down, but every stream comes by. The rest goes to those that lost most by rounding.
        var quotas = shares.map { max(1, Int($0)) }
        let order = shares.indices.sorted {
            let (one, other) = (shares[$0] - Double(quotas[$0]), shares[$1] - Double(quotas[$1]))
            return one == other ? $0 < $1 : one > other
        }
        var left = Self.cycleLength - quotas.reduce(0, +)
        for index in order where left > 0 {
            quotas[index] += 1
            left -= 1
        }
        while left < 0, let largest = quotas.indices.max(by: { quotas[$0] < quotas[$1] }) {
            quotas[largest] -= 1
            left += 1
        }
        self.quotas = quotas
        random = RandomStream(seed: seed, purpose: .mixture)
    }

    /// How many sequences of a stream the first `count` sequences of a run have, to within a quota.
    package func sequences(ofStream stream: Int, among count: UInt64) -> Double {
        Double(count) * Double(quotas[stream]) / Double(Self.cycleLength)
    }

    /// The most that it may have, wherever the last cycle ends.
    package func mostSequences(ofStream stream: Int, among count: UInt64) -> UInt64 {
        let cycleLength = UInt64(Self.cycleLength)
        return (count / cycleLength + (count % cycleLength == 0 ? 0 : 1)) * UInt64(quotas[stream])
    }

    /// A cycle of a run: the stream of each of its sequences, and the sequence's place in that stream.
    package struct Cycle: Sendable {
        package let number: UInt64
        private let quotas: [Int]
        private let streams: [UInt16]
        /// How many sequences of its stream come before each in the cycle.
        private let ranks: [UInt32]

        init(_ number: UInt64, quotas: [Int], random: RandomStream) {
            self.number = number
            self.quotas = quotas
            let slots = quotas.enumerated().flatMap { repeatElement(UInt16($0.offset), count: $0.element) }
            let order = Permutation(
                count: cycleLength, stream: random, pass: UInt32(truncatingIfNeeded: number >> 46),
                section: number & (1 << 46 - 1))
            var streams: [UInt16] = []
            var ranks: [UInt32] = []
            var counts = [UInt32](repeating: 0, count: quotas.count)
            for index in 0..<cycleLength {
                let stream = slots[order[index]]
                streams.append(stream)
                ranks.append(counts[Int(stream)])
                counts[Int(stream)] += 1
            }
            self.streams = streams
            self.ranks = ranks
        }

        /// - Parameter index: of a sequence in the cycle.
        package func place(_ index: Int) -> (stream: Int, place: UInt64) {
            let stream = Int(streams[index])
            return (stream, number * UInt64(quotas[stream]) + UInt64(ranks[index]))
        }
    }

    package func cycle(_ number: UInt64) -> Cycle { Cycle(number, quotas: quotas, random: random) }
}
