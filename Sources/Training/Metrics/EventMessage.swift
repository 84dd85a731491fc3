import Storage

/// A TensorBoard event, as protocol buffer bytes: the five fields of `event.proto` and `summary.proto` that scalars need.
///
/// Written out by hand: swift-protobuf would cost every build a runtime of a hundred files for these lines.
package struct EventMessage {
    package private(set) var bytes: [UInt8] = []

    package enum Content {
        /// First in every file.
        case fileVersion(String)
        /// Points at this step and after it are replaced by the points that follow: the run continues from before it.
        case restart
        case scalars([String: Double])
    }

    /// - Parameter wallTime: seconds since 1970.
    package init(_ content: Content, step: Int, wallTime: Double) {
        append(field: 1, wallTime.bitPattern)
        append(field: 2, varint: UInt64(step))
        switch content {
        case .fileVersion(let version): append(field: 3, Array(version.utf8))
        case .scalars(let values):
            var summary = EventMessage()
            for (tag, value) in values.sorted(by: { $0.key < $1.key }) {
                var entry = EventMessage()
                entry.append(field: 1, Array(tag.utf8))
                entry.append(field: 2, Float(value).bitPattern)
                summary.append(field: 1, entry.bytes)
            }
            append(field: 5, summary.bytes)
        case .restart:
            var log = EventMessage()
            log.append(field: 1, varint: 1)  // SessionLog.START
            append(field: 7, log.bytes)
        }
    }

    private init() {}

    // Wire types: 0 a varint, 1 eight bytes, 2 a length and bytes, 5 four bytes.

    private mutating func append(field: UInt64, varint value: UInt64) {
        append(varint: field << 3)
        append(varint: value)
    }

    private mutating func append(field: UInt64, _ value: UInt64) {
        append(varint: field << 3 | 1)
        bytes += value.littleEndianBytes
    }

    private mutating func append(field: UInt64, _ content: [UInt8]) {
        append(varint: field << 3 | 2)
        append(varint: UInt64(content.count))
        bytes += content
    }

    private mutating func append(field: UInt64, _ value: UInt32) {
        append(varint: field << 3 | 5)
        bytes += value.littleEndianBytes
    }

    private mutating func append(varint value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
