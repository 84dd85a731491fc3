/// Sixteen Philox blocks side by side, for the one place that needs random bits by the million: dropout.
extension Philox4x32 {
    @usableFromInline package typealias Words = SIMD16<UInt32>

    /// The words at the counters (first + lane, y, z, w), word by word.
    @inline(__always)
    package func words(
        first: UInt32, _ y: UInt32, _ z: UInt32, _ w: UInt32
    ) -> (Words, Words, Words, Words) {
        var block = (
            Words(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15) &+ first, Words(repeating: y),
            Words(repeating: z), Words(repeating: w)
        )
        var roundKey = key
        for _ in 0..<10 {
            let (firstHigh, firstLow) = Self.fullWidthProduct(block.0, 0xD251_1F53)
            let (secondHigh, secondLow) = Self.fullWidthProduct(block.2, 0xCD9E_8D57)
            block = (
                secondHigh ^ block.1 ^ Words(repeating: roundKey.x), secondLow,
                firstHigh ^ block.3 ^ Words(repeating: roundKey.y), firstLow
            )
            roundKey &+= SIMD2(0x9E37_79B9, 0xBB67_AE85)
        }
        return block
    }

    /// Even and odd lanes are multiplied apart, as 64-bit lanes with a zero upper half: one instruction each.
    @inline(__always)
    private static func fullWidthProduct(_ words: Words, _ multiplier: UInt64) -> (high: Words, low: Words) {
        let lowerHalf = SIMD8<UInt64>(repeating: 0xFFFF_FFFF)
        let pairs = unsafeBitCast(words, to: SIMD8<UInt64>.self)
        let even = (pairs & lowerHalf) &* multiplier
        let odd = (pairs &>> 32) &* multiplier
        return (
            unsafeBitCast((even &>> 32) | (odd & ~lowerHalf), to: Words.self),
            unsafeBitCast((even & lowerHalf) | (odd &<< 32), to: Words.self)
        )
    }
}
