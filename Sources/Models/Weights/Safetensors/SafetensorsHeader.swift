import FoundationEssentials
import Storage
import SystemPackage

/// The header of a safetensors file: what each tensor is and where it lies.
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
        let length = prefix.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard length <= Self.lengthLimit, length <= file.count - 8 else {
            throw malformed("the header is said to have \(length) bytes, the file has \(file.count)")
        }
        let dataStart = 8 + length
        let raw: RawHeader
        do {
            raw = try JSONDecoder().decode(RawHeader.self, from: Data(try file.read(at: 8, count: Int(length))))
        } catch let error as FileError {
            throw error
        } catch {
            throw malformed("the header is not the JSON expected: \(words(of: error))", byte: 8)
        }
        metadata = raw.metadata

        var entries: [String: StoredTensor] = [:]
        var expected: UInt64 = 0
        for (name, entry) in raw.entries.sorted(by: { ($0.value.begin, $0.value.end) < ($1.value.begin, $1.value.end) })
        {
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

/// The JSON of a header, before any of it is believed.
private struct RawHeader: Decodable {
    struct Entry: Decodable {
        let dtype: String
        let shape: [Int]
        let begin: UInt64
        let end: UInt64

        enum CodingKeys: String, CodingKey {
            case dtype, shape
            case dataOffsets = "data_offsets"
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            dtype = try container.decode(String.self, forKey: .dtype)
            shape = try container.decode([Int].self, forKey: .shape)
            let offsets = try container.decode([UInt64].self, forKey: .dataOffsets)
            guard offsets.count == 2 else {
                throw DecodingError.dataCorruptedError(
                    forKey: .dataOffsets, in: container, debugDescription: "\(offsets.count) offsets instead of 2")
            }
            (begin, end) = (offsets[0], offsets[1])
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

    struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    var entries: [String: Entry] = [:]
    var metadata: [String: String] = [:]

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Name.self)
        for key in container.allKeys {
            if key.stringValue == "__metadata__" {
                metadata = try container.decode([String: String].self, forKey: key)
            } else {
                entries[key.stringValue] = try container.decode(Entry.self, forKey: key)
            }
        }
    }
}
