/// A seeded permutation of 0 ..< count that needs no memory: a Feistel network on the smallest even-bit domain, walked
/// until it lands inside (Black & Rogaway 2002, "Ciphers with arbitrary finite domains").
///
/// The order of a pass over data: any element of it can be asked for, at any time, on any thread.
public struct Permutation: Sendable, Hashable {
    public let count: Int
    private let stream: RandomStream
    private let pass: UInt32
    private let section: UInt64
    private let halfBits: UInt64

    /// - Parameters:
    ///   - pass: which permutation of many: an epoch.
    ///   - section: which part of the pass is permuted, where it is permuted in parts.
    public init(count: Int, stream: RandomStream, pass: UInt32, section: UInt64 = 0) {
        precondition(count >= 0)
        self.count = count
        self.stream = stream
        self.pass = pass
        self.section = section
        let bits = count > 1 ? UInt64(Int.bitWidth - (count - 1).leadingZeroBitCount) : 1
        halfBits = (bits + 1) / 2
    }

    /// The element at `index` of the permuted order.
    public subscript(index: Int) -> Int {
        precondition(index >= 0 && index < count)
        var value = UInt64(index)
        repeat { value = encrypt(value) } while value >= UInt64(count)
        return Int(value)
    }

    private func encrypt(_ value: UInt64) -> UInt64 {
        let mask = (UInt64(1) << halfBits) - 1
        var (left, right) = (value >> halfBits, value & mask)
        for round in 0..<6 as Range<UInt32> {
            // A section lies below 2^46; its top bits and the round share the word.
            let words = stream.words(
                pass: pass, sequence: section, position: round << 28 ^ UInt32(truncatingIfNeeded: right >> 32),
                draw: UInt32(truncatingIfNeeded: right))
            let scrambled = (UInt64(words.y) << 32 | UInt64(words.x)) & mask
            (left, right) = (right, left ^ scrambled)
        }
        return left << halfBits | right
    }
}
