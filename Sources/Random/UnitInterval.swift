/// Uniform reals from random bits.
///
/// Both forms lie strictly inside (0, 1): the lattice is offset by half a step, so logarithms of a draw and of one minus
/// a draw are finite.
extension Double {
    /// (n + 1/2) / 2^52 for the top 52 bits n of `bits`.
    @inlinable
    public init(unitInterval bits: UInt64) {
        self = (Double(bits >> 12) + 0.5) * 0x1p-52
    }
}

extension Float {
    /// (n + 1/2) / 2^23 for the top 23 bits n of `bits`.
    @inlinable
    public init(unitInterval bits: UInt32) {
        self = (Float(bits >> 9) + 0.5) * 0x1p-23
    }
}
