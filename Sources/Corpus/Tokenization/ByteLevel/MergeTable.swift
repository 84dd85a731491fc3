/// Which two neighboring symbols become one, and which pair does so first.
///
/// Open addressing in two arrays, because encoding spends its time here.
struct MergeTable: Sendable {
    struct Merge: Sendable {
        /// The pair with the lowest rank is merged first.
        let rank: Int32
        let symbol: Int32
    }

    /// A pair as one number, all ones where free. A power of two of them, at most half of it in use.
    private var keys: [UInt64]
    private var merges: [Merge]
    private let shift: UInt64

    /// Of a pair that comes twice the second counts.
    init(_ pairs: [(left: Int32, right: Int32, symbol: Int32)]) {
        var bits: UInt64 = 5
        while 1 << bits < pairs.count * 2 { bits += 1 }
        shift = 64 - bits
        keys = Array(repeating: .max, count: 1 << bits)
        merges = Array(repeating: Merge(rank: 0, symbol: 0), count: 1 << bits)
        for (rank, pair) in pairs.enumerated() {
            let slot = slot(pair.left, pair.right)
            keys[slot] = Self.key(pair.left, pair.right)
            merges[slot] = Merge(rank: Int32(rank), symbol: pair.symbol)
        }
    }

    @inline(__always)
    subscript(left: Int32, right: Int32) -> Merge? {
        let slot = slot(left, right)
        return keys[slot] == .max ? nil : merges[slot]
    }

    @inline(__always)
    private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    }

    @inline(__always)
    private func slot(_ left: Int32, _ right: Int32) -> Int {
        let key = Self.key(left, right)
        let mask = keys.count - 1
        // Fibonacci hashing: the high bits of a product depend on all bits of the key.
        var slot = Int((key &* 0x9E37_79B9_7F4A_7C15) >> shift)
        while keys[slot] != key, keys[slot] != .max { slot = (slot + 1) & mask }
        return slot
    }
}
