import Kernels
import Storage
import SystemPackage

/// A safetensors file, open for reading.
public struct SafetensorsFile: Sendable {
    public static let weightsName = "model.safetensors"

    public let path: FilePath
    public let header: SafetensorsHeader
    private let file: RandomAccessFile

    public init(_ path: FilePath) throws {
        self.path = path
        file = try RandomAccessFile(path)
        header = try SafetensorsHeader(of: file)
    }

    /// Reads a tensor as 32-bit floats; its element count must be that of `destination`.
    func read(_ entry: SafetensorsHeader.Entry, named name: String, into destination: FloatBuffer, _ range: Range<Int>)
        throws
    {
        let bytes = try file.read(at: entry.range.lowerBound, count: entry.range.count)
        guard bytes.count == entry.range.count else {
            throw ModelError(.malformedWeights("it ends within tensor \(name)"), path, byte: entry.range.lowerBound)
        }
        var span = destination.mutableSpan(range)
        var isFinite = true
        bytes.withUnsafeBytes { bytes in
            switch entry.elementType {
            case .float32:
                for index in span.indices {
                    let bits = bytes.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self)
                    span[index] = Float(bitPattern: UInt32(littleEndian: bits))
                }
            case .float16:
                for index in span.indices {
                    let bits = bytes.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self)
                    span[index] = Float(Float16(bitPattern: UInt16(littleEndian: bits)))
                }
            case .bfloat16:
                for index in span.indices {
                    let bits = bytes.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self)
                    span[index] = Float(bitPattern: UInt32(UInt16(littleEndian: bits)) << 16)
                }
            }
            for index in span.indices where !span[index].isFinite { isFinite = false }
        }
        if !isFinite { throw ModelError(.notFinite(tensor: name), path, byte: entry.range.lowerBound) }
    }
}

extension SafetensorsFile {
    /// The elements of one tensor, in the order of the file.
    package func floats(named name: String) throws -> [Float] {
        guard let entry = header.entries[name] else { throw ModelError(.missingTensor(name), path) }
        let buffer = FloatBuffer(count: entry.shape.reduce(1, *))
        try read(entry, named: name, into: buffer, 0..<buffer.count)
        let span = buffer.span
        return span.indices.map { span[$0] }
    }
}

extension SafetensorsFile {
    /// Refuses a file that lacks a tensor of `layout` or has one of another shape: before memory is allocated by it.
    public func check(_ layout: ParameterLayout) throws(ModelError) {
        for part in layout.tensors.flatMap(\.parts) {
            guard let (name, entry) = entry(for: part.name) else { throw ModelError(.missingTensor(part.name), path) }
            try check(entry, named: name, isShapedAs: part)
        }
    }

    fileprivate func check(_ entry: SafetensorsHeader.Entry, named name: String, isShapedAs part: Tensor.Part)
        throws(ModelError)
    {
        guard entry.shape == part.shape else {
            throw ModelError(.wrongShape(tensor: name, found: entry.shape, expected: part.shape), path)
        }
    }
}

extension ParameterArena {
    /// Fills every tensor that `isWanted` from `file`, checking shapes.
    ///
    /// - Parameter prefix: what stands before the tensors' names in the file.
    /// - Returns: the names of tensors that were wanted and not there.
    public func read(
        from file: SafetensorsFile, prefix: String = "", where isWanted: (Tensor) -> Bool = { _ in true }
    ) throws -> [String] {
        var missing: [String] = []
        for tensor in layout.tensors where isWanted(tensor) {
            for part in tensor.parts {
                guard let (name, entry) = file.entry(for: prefix + part.name) else {
                    missing.append(prefix + part.name)
                    continue
                }
                try file.check(entry, named: name, isShapedAs: part)
                try file.read(entry, named: name, into: values, part.range)
            }
        }
        return missing
    }

    /// Fills every tensor from `file`; one that is missing is an error.
    public func readAll(from file: SafetensorsFile, prefix: String = "") throws {
        if let name = try read(from: file, prefix: prefix).first {
            throw ModelError(.missingTensor(name), file.path)
        }
    }
}

extension SafetensorsFile {
    /// The tensor of a name, or of what older releases called it.
    fileprivate func entry(for name: String) -> (name: String, entry: SafetensorsHeader.Entry)? {
        for candidate in [name, Self.oldName(of: name)] {
            if let entry = header.entries[candidate] { return (candidate, entry) }
        }
        return nil
    }

    /// Checkpoints converted from TensorFlow call a layer norm's weight and bias gamma and beta.
    private static func oldName(of name: String) -> String {
        if name.hasSuffix("LayerNorm.weight") { return name.dropLast(6) + "gamma" }
        if name.hasSuffix("LayerNorm.bias") { return name.dropLast(4) + "beta" }
        return name
    }
}
