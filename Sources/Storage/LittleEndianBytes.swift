/// Numbers in files: the lowest byte first.
extension FixedWidthInteger where Self: UnsignedInteger {
    /// The number that the bytes are; there are no more of them than it has.
    @inlinable
    public init(littleEndianBytes bytes: some BidirectionalCollection<UInt8>) {
        self = bytes.reversed().reduce(0) { $0 << 8 | Self($1) }
    }

    public var littleEndianBytes: [UInt8] {
        (0..<Self.bitWidth / 8).map { UInt8(truncatingIfNeeded: self >> Self($0 * 8)) }
    }
}
