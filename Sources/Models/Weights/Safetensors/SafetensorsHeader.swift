import JSON
import Storage
import SystemPackage

/// The header of a safetensors file: the type, the shape and the place of each tensor.
///
/// The file is 8 bytes of header length (little-endian), the header as JSON, then the tensors' bytes without gaps.
/// Source: the safetensors format description (huggingface/safetensors, README).
public struct SafetensorsHeader: Sendable {
    /// Tensors of the floating-point types, by name; others (integer buffers) are passed over.
    public let entries: [String: StoredTensor]
    public let metadata: [String: String]

    static let lengthLimit: UInt64 = 100_000_000

    /// Reads and validates the header of `file`: lengths, shapes and offsets must cover the file exactly.
    init(of file: any RandomAccessBytes) throws {
        func malformed(_ detail: String, byte: UInt64 = 0) -> ModelError {
            ModelError(.malformedWeights(detail), file.path, byte: byte)
        }
        let prefix = try file.read(at: 0, count: 8)
        guard prefix.count == 8 else { throw malformed("it has \(file.count) bytes, a header length takes 8") }
        let length = UInt64(littleEndianBytes: prefix)
        guard length <= Self.lengthLimit, length <= file.count - 8 else {
            throw malformed("the header is said to have \(length) bytes, the file has \(file.count)")
        }
        let dataStart = 8 + length
        let json = try file.read(at: 8, count: Int(length))
        var (raw, metadata): ([String: RawEntry], [String: String]) = ([:], [:])
        do throws(JSONMismatch) {
            for (name, entry) in try JSONCursor(reading: json).members() {
                if name == "__metadata__" {
                    for (key, text) in try entry.members() { metadata[key] = try text.text() }
                } else {
                    raw[name] = try RawEntry(entry)
                }
            }
        } catch {
            throw malformed("the header is not the JSON expected: \(error)", byte: 8)
        }
        self.metadata = metadata

        var entries: [String: StoredTensor] = [:]
        var expected: UInt64 = 0
        for (name, entry) in raw.sorted(by: { ($0.value.begin, $0.value.end) < ($1.value.begin, $1.value.end) }) {
            guard entry.begin == expected, entry.end >= entry.begin, entry.end <= file.count - dataStart else {
                throw malformed(
                    "tensor \(name) is said to lie at \(entry.begin)..<\(entry.end), expected to begin at \(expected)"
                        + " and to end by \(file.count - dataStart)", byte: 8)
            }
            expected = entry.end
            guard let type = StoredTensor.ElementType(rawValue: entry.dtype) else { continue }
            guard let count = entry.elementCount,
                UInt64(count).multipliedReportingOverflow(by: UInt64(type.byteCount)) == (
                    entry.end - entry.begin, false
                )
            else {
                throw malformed(
                    "tensor \(name) of shape \(entry.shape) and type \(entry.dtype) has \(entry.end - entry.begin) bytes",
                    byte: 8)
            }
            entries[name] = StoredTensor(
                elementType: type, shape: entry.shape, range: dataStart + entry.begin..<dataStart + entry.end,
                bytes: file)
        }
        guard expected == file.count - dataStart else {
            throw malformed(
                "\(file.count - dataStart - expected) bytes at the end belong to no tensor", byte: dataStart + expected)
        }
        self.entries = entries
    }
}

/// The values of a header about a tensor, before any of them is believed.
private struct RawEntry {
    let dtype: String
    let shape: [Int]
    let begin: UInt64
    let end: UInt64

    init(_ json: JSONCursor) throws(JSONMismatch) {
        dtype = try json["dtype"].text()
        shape = try json["shape"].elements().map { (side) throws(JSONMismatch) in try side.integer() }
        let offsets = try json["data_offsets"].elements().map { (offset) throws(JSONMismatch) in try offset.integer() }
        guard offsets.count == 2, let begin = UInt64(exactly: offsets[0]), let end = UInt64(exactly: offsets[1]) else {
            throw json["data_offsets"].mismatch("is not two offsets")
        }
        (self.begin, self.end) = (begin, end)
    }

    /// `nil` where a side is negative or the product overflows.
    var elementCount: Int? {
        shape.reduce(Optional(1)) { product, side in
            guard let product, side >= 0 else { return nil }
            let (value, overflow) = product.multipliedReportingOverflow(by: side)
            return overflow ? nil : value
        }
    }
}
