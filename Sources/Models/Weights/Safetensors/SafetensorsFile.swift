import Storage
import SystemPackage

/// A safetensors file, open for reading.
public struct SafetensorsFile: TensorStore {
    public static let weightsName = "model.safetensors"
    public static let indexName = "model.safetensors.index.json"

    public let path: FilePath
    public let header: SafetensorsHeader

    public var tensors: [String: StoredTensor] { header.entries }

    public init(_ path: FilePath) throws {
        try self.init(RandomAccessFile(path))
    }

    /// - Throws: ``ModelError`` where the bytes are not a safetensors file.
    public init(_ bytes: any RandomAccessBytes) throws {
        path = bytes.path
        header = try SafetensorsHeader(of: bytes)
    }
}
