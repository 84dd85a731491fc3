/// Little-endian integers in bytes.
extension [UInt8] {
    mutating func append<Value: FixedWidthInteger>(littleEndian value: Value) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }
}

extension RandomAccessCollection<UInt8> where Index == Int {
    /// The integer at `offset` from the start; the caller has checked that it is there.
    func littleEndian<Value: FixedWidthInteger>(at offset: Int, as type: Value.Type = Value.self) -> Value {
        let size = Value.bitWidth / 8
        var value: Value = 0
        for index in stride(from: size - 1, through: 0, by: -1) {
            value = value << 8 | Value(self[startIndex + offset + index])
        }
        return value
    }
}
