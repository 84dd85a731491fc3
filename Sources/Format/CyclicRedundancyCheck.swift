/// CRC-32 as in zlib, PNG and Ethernet (polynomial 0x04C11DB7, reflected, inverted at both ends).
package struct CyclicRedundancyCheck {
    private var register: UInt32 = .max

    var value: UInt32 { ~register }

    mutating func update(_ bytes: some Sequence<UInt8>) {
        for byte in bytes {
            register = Self.table[Int(UInt8(truncatingIfNeeded: register) ^ byte)] ^ (register >> 8)
        }
    }

    package static func of(_ bytes: some Sequence<UInt8>) -> UInt32 {
        var check = Self()
        check.update(bytes)
        return check.value
    }

    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { remainder, _ in
            remainder & 1 == 1 ? 0xEDB8_8320 ^ (remainder >> 1) : remainder >> 1
        }
    }
}
