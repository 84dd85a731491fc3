import Kernels
import Random
import Testing

@Suite struct DropoutTests {
    private let address = Dropout.Address(step: 3, sequence: 5, site: 7)

    private func applied(_ dropout: Dropout, to values: [Float], at address: Dropout.Address) -> [Float] {
        var values = values
        dropout.apply(to: values.mutableSpan, at: address)
        return values
    }

    private func mask(_ dropout: Dropout, _ count: Int, at address: Dropout.Address) -> [Bool] {
        applied(dropout, to: [Float](repeating: 1, count: count), at: address).map { $0 != 0 }
    }

    /// Backward applies the same call to the gradient: whatever the values, the same elements survive.
    @Test(arguments: [1, 15, 16, 17, 127, 128, 129, 1000]) func masksDependOnTheAddressAlone(count: Int) {
        let dropout = Dropout(probability: 0.3, seed: 1)
        let ones = applied(dropout, to: [Float](repeating: 1, count: count), at: address)
        let values = (0..<count).map { Float($0) - 20.5 }
        let dropped = applied(Dropout(probability: 0.3, seed: 1), to: values, at: address)
        for index in 0..<count { #expect(dropped[index] == (ones[index] == 0 ? 0 : values[index] * ones[index])) }
        #expect(mask(dropout, 1024, at: address).prefix(count) == ones.map { $0 != 0 }[...], "a longer row goes on")
    }

    @Test func survivorsAreScaledSoThatTheMeanStays() {
        let dropout = Dropout(probability: 0.25, seed: 1)
        #expect(Set(applied(dropout, to: [Float](repeating: 3, count: 500), at: address)) == [0, 4])
    }

    @Test(arguments: [Float(0.1), 0.5, 0.9, 0.999], [UInt64(1), 2]) func rateIsWithinFiveSigma(
        rate: Float, seed: UInt64
    ) {
        let count = 1_000_000
        let kept = mask(Dropout(probability: rate, seed: seed), count, at: address).count { $0 }
        let probability = 1 - (Double(rate) * 65536).rounded() / 65536
        let sigma = (Double(count) * probability * (1 - probability)).squareRoot()
        #expect(abs(Double(kept) - Double(count) * probability) < 5 * sigma)
    }

    @Test func nothingIsDroppedAtZero() {
        let values: [Float] = [1, -2, 3]
        #expect(applied(Dropout(probability: 0, seed: 1), to: values, at: address) == values)
    }

    /// Masks of any two addresses (or seeds) agree as often as independent ones do.
    @Test func addressesAreIndependent() {
        let dropout = Dropout(probability: 0.5, seed: 1)
        let count = 100_000
        let first = mask(dropout, count, at: address)
        var others: [[Bool]] = [mask(Dropout(probability: 0.5, seed: 2), count, at: address)]
        for field in [\Dropout.Address.step, \.sequence, \.site] {
            var other = address
            other[keyPath: field] += 1
            others.append(mask(dropout, count, at: other))
        }
        for other in others {
            let agreements = zip(first, other).count { $0 == $1 }
            #expect(abs(Double(agreements) - Double(count) / 2) < 5 * (Double(count) / 4).squareRoot())
        }
    }

    /// Two decisions a word, in the order that the kernels' header gives: 16 blocks of Philox for 128 elements.
    @Test func decisionsAreThoseOfScalarPhilox() {
        let (probability, seed) = (Float(0.3), UInt64(77))
        let stream = RandomStream(seed: seed, purpose: .dropout)
        let threshold = UInt32((probability * 65536).rounded())
        let expected = (0..<1000).map { element in
            let words = stream.words(
                pass: 0, sequence: UInt64(address.step) << 32 | UInt64(address.sequence), position: address.site,
                draw: UInt32(element / 128 * 16 + element % 16))
            let group = element % 128 / 16
            let bits = group % 2 == 0 ? words[group / 2] & 0xFFFF : words[group / 2] >> 16
            return bits >= threshold
        }
        #expect(mask(Dropout(probability: probability, seed: seed), 1000, at: address) == expected)
    }
}
