import Storage

/// Fields of a binary record, one after the other; `nil` where the bytes end.
struct LittleEndianFields {
    private let bytes: [UInt8]
    private(set) var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { position == bytes.count }

    mutating func next<Integer: FixedWidthInteger & UnsignedInteger>(_: Integer.Type) -> Integer? {
        take(Integer.bitWidth / 8).map { Integer(littleEndianBytes: $0) }
    }

    mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, count <= bytes.count - position else { return nil }
        defer { position += count }
        return bytes[position..<position + count]
    }

    /// Whether there were as many bytes to skip.
    mutating func skip(_ count: Int) -> Bool { take(count) != nil }
}
