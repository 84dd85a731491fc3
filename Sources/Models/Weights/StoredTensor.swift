import Storage

/// A tensor in a file: its type, its shape and its place. Its elements are read when they are wanted.
public struct StoredTensor: Sendable {
    /// The floating-point types, by safetensors' names. All become 32-bit floats in memory.
    public enum ElementType: String, Sendable, CaseIterable {
        case float16 = "F16"
        case bfloat16 = "BF16"
        case float32 = "F32"
        case float64 = "F64"

        var byteCount: Int {
            switch self {
            case .float16, .bfloat16: 2
            case .float32: 4
            case .float64: 8
            }
        }
    }

    public let elementType: ElementType
    public let shape: [Int]
    /// Bytes in the file: as many as shape and type make.
    public let range: Range<UInt64>
    let bytes: any RandomAccessBytes

    /// By its bytes, because the product of a shape that has a zero may overflow on the way.
    var elementCount: Int { range.count / elementType.byteCount }
}

extension StoredTensor {
    /// Elements converted at a time: the file is never in memory as a whole.
    private static let portion = 1 << 16

    /// Reads all elements, row by row, as 32-bit floats.
    ///
    /// - Parameter destination: as many floats as the tensor has elements.
    /// - Throws: ``ModelError`` where the file ends too early or a value is not finite (a 64-bit one too large included).
    func read(named name: String, into destination: consuming MutableSpan<Float>) throws {
        var destination = destination
        precondition(destination.count == elementCount)
        var raw = [UInt8](repeating: 0, count: min(elementCount, Self.portion) * elementType.byteCount)
        for start in stride(from: 0, to: elementCount, by: Self.portion) {
            let elements = start..<min(start + Self.portion, elementCount)
            let byte = range.lowerBound + UInt64(start * elementType.byteCount)
            let wanted = elements.count * elementType.byteCount
            let isWhole = try raw.withUnsafeMutableBytes {
                try bytes.read(at: byte, into: UnsafeMutableRawBufferPointer(rebasing: $0[..<wanted])) == wanted
            }
            guard isWhole else {
                throw ModelError(.malformedWeights("it ends within tensor \(name)"), bytes.path, byte: byte)
            }
            if let element = convert(raw, to: &destination, elements) {
                throw ModelError(
                    .notFinite(tensor: name, element: coordinates(of: element)), bytes.path,
                    byte: range.lowerBound + UInt64(element * elementType.byteCount))
            }
        }
    }

    /// Widens or narrows a portion; returns the first element that is not finite.
    private func convert(_ raw: [UInt8], to floats: inout MutableSpan<Float>, _ elements: Range<Int>) -> Int? {
        let first = elements.lowerBound
        raw.withUnsafeBytes { raw in
            switch elementType {
            case .float32:
                for index in elements {
                    let bits = raw.loadUnaligned(fromByteOffset: (index - first) * 4, as: UInt32.self)
                    floats[index] = Float(bitPattern: UInt32(littleEndian: bits))
                }
            case .float16:
                for index in elements {
                    let bits = raw.loadUnaligned(fromByteOffset: (index - first) * 2, as: UInt16.self)
                    floats[index] = Float(Float16(bitPattern: UInt16(littleEndian: bits)))
                }
            case .bfloat16:
                for index in elements {
                    let bits = raw.loadUnaligned(fromByteOffset: (index - first) * 2, as: UInt16.self)
                    floats[index] = Float(bitPattern: UInt32(UInt16(littleEndian: bits)) << 16)
                }
            case .float64:
                for index in elements {
                    let bits = raw.loadUnaligned(fromByteOffset: (index - first) * 8, as: UInt64.self)
                    floats[index] = Float(Double(bitPattern: UInt64(littleEndian: bits)))
                }
            }
        }
        // Zero times anything finite is zero, times anything else it is not a number; a sum keeps that.
        var sum: Float = 0
        for index in elements { sum += 0 * floats[index] }
        if sum == 0 { return nil }
        for index in elements where !floats[index].isFinite { return index }
        return nil
    }

    private func coordinates(of element: Int) -> [Int] {
        var rest = element
        return Array(
            shape.reversed().map { side in
                defer { rest /= side }
                return rest % side
            }.reversed())
    }

    /// Whether both have the same type, shape and bytes: copies of a tied weight.
    func isCopy(of other: StoredTensor) throws -> Bool {
        guard elementType == other.elementType, shape == other.shape else { return false }
        if range == other.range, bytes.path == other.bytes.path { return true }
        for start in stride(from: 0, to: UInt64(range.count), by: 1 << 20) {
            let count = Int(min(UInt64(range.count) - start, 1 << 20))
            let own = try bytes.read(at: range.lowerBound + start, count: count)
            if try own != other.bytes.read(at: other.range.lowerBound + start, count: count) { return false }
        }
        return true
    }
}
