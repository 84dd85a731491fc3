/// Philox4x32-10: a counter-based random number generator.
///
/// A bijection of 128-bit counters under a 64-bit key, so any draw can be computed on its own: no state to advance, share
/// or save. Everything random in this project (masks, races, replay draws, dropout) is addressed by its use, and
/// never depends on threads, batch sizes or where a run was interrupted.
///
/// Source: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
public struct Philox4x32: Sendable, Hashable {
    public let key: SIMD2<UInt32>

    @inlinable
    public init(key: SIMD2<UInt32>) {
        self.key = key
    }

    /// The four random words at `counter`.
    @inlinable
    public func words(at counter: SIMD4<UInt32>) -> SIMD4<UInt32> {
        var block = counter
        var roundKey = key
        for round in 0..<10 {
            if round > 0 { roundKey &+= SIMD2(0x9E37_79B9, 0xBB67_AE85) }
            let first = UInt64(block.x) &* 0xD251_1F53
            let second = UInt64(block.z) &* 0xCD9E_8D57
            block = SIMD4(
                UInt32(truncatingIfNeeded: second >> 32) ^ block.y ^ roundKey.x,
                UInt32(truncatingIfNeeded: second),
                UInt32(truncatingIfNeeded: first >> 32) ^ block.w ^ roundKey.y,
                UInt32(truncatingIfNeeded: first))
        }
        return block
    }
}
