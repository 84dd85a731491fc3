import Storage

/// A TFRecord: the length of a message, a checksum of the length, the message, and a checksum of the message.
package enum EventRecord {
    private static let headerLength = 12
    private static let trailerLength = 4

    package static func framing(_ message: [UInt8]) -> [UInt8] {
        let length = UInt64(message.count).littleEndianBytes
        return length + RecordChecksum.masked(length).littleEndianBytes + message
            + RecordChecksum.masked(message).littleEndianBytes
    }

    /// Bytes of the whole records that a file begins with.
    package static func wholeLength(of file: [UInt8]) -> Int {
        var end = 0
        while let next = self.end(ofRecordAt: end, of: file) { end = next }
        return end
    }

    /// `nil` where there is no whole record.
    private static func end(ofRecordAt start: Int, of file: [UInt8]) -> Int? {
        guard file.count - start >= headerLength + trailerLength else { return nil }
        let length = Array(file[start..<start + 8])
        guard UInt32(littleEndianBytes: file[(start + 8)...].prefix(4)) == RecordChecksum.masked(length) else {
            return nil
        }
        let body = start + headerLength
        let bodyLength = UInt64(littleEndianBytes: length)
        guard bodyLength <= UInt64(file.count - body - trailerLength) else { return nil }
        let bodyEnd = body + Int(bodyLength)
        let check = RecordChecksum.masked(Array(file[body..<bodyEnd]))
        return UInt32(littleEndianBytes: file[bodyEnd...].prefix(4)) == check ? bodyEnd + trailerLength : nil
    }
}

/// CRC-32C (Castagnoli), masked as TFRecords have it: a checksum of data that holds checksums would be weak.
package enum RecordChecksum {
    package static func masked(_ bytes: [UInt8]) -> UInt32 {
        let check = of(bytes)
        return (check >> 15 | check << 17) &+ 0xA282_EAD8
    }

    package static func of(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(UInt32.max) { register, byte in
            table[Int(UInt8(truncatingIfNeeded: register) ^ byte)] ^ (register >> 8)
        }
    }

    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { remainder, _ in
            remainder & 1 == 1 ? 0x82F6_3B78 ^ (remainder >> 1) : remainder >> 1
        }
    }
}
